import type { Clock } from '../../base/clock.ts'
import { prngFromSeed } from '../../base/prng.ts'
import { GroupId, NodeId } from '../../contract/types.ts'
import { crc32c } from '../../os/crc32c.ts'
import type { Persist } from '../../replica/consensus/effects.ts'
import type { Store } from '../../replica/store/store.ts'
import { type DiskOperation, VirtualDisk } from '../../replica/store/virtual-disk.ts'
import type { StoreLab } from './store-lab.ts'

export const MACHINE_DIRECTORY = '/node/groups/0'

/** Longer than anything takes on a virtual disk. */
const LONG_NS = 1_000_000_000

/** A machine with a disk of its own, on which time passes when it is told to. */
export class StoreMachine {
  readonly disk: VirtualDisk
  readonly #lab: StoreLab
  readonly #clock = new StepClock()

  constructor(
    lab: StoreLab,
    seed: number,
    beforeOperation: (operation: DiskOperation) => void = () => undefined,
  ) {
    this.#lab = lab
    const prng = prngFromSeed(seed)
    const clock = this.#clock
    this.disk = new VirtualDisk({ clock, prng, syncNsMin: 500, syncNsMax: 2000, beforeOperation })
  }

  open(): Store {
    return this.#lab.adapter.open({
      directory: MACHINE_DIRECTORY,
      node: NodeId(1),
      group: GroupId(0),
      durability: this.#lab.durability,
      disk: this.disk,
      clock: this.#clock,
      crc32c,
      syncDelayNs: 0,
    })
  }

  /** Lets time pass; without an argument, until nothing happens any more. */
  wait(ns: number = LONG_NS): void {
    this.#clock.advanceTo(this.#clock.nowNs() + ns)
  }

  /** Writes one after the other, each when the one before has ended; tells how each ended. */
  outcomes(store: Store, writes: readonly Persist[]): (string | undefined)[] {
    const outcomes: (string | undefined)[] = []
    for (const write of writes) {
      store.persist(write, (error) => outcomes.push(error?.message))
      this.wait()
    }
    return outcomes
  }
}

/** Time that moves by hand, timer by timer. */
class StepClock implements Clock {
  #nowNs = 0
  #timers: { readonly atNs: number; readonly wake: () => void }[] = []

  nowNs(): number {
    return this.#nowNs
  }

  wakeAt(atNs: number, wake: () => void) {
    const timer = { atNs: Math.max(atNs, this.#nowNs), wake }
    const later = this.#timers.findIndex((other) => other.atNs > timer.atNs)
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer)
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer)
      },
    }
  }

  defer(task: () => void): void {
    this.wakeAt(this.#nowNs, task)
  }

  advanceTo(atNs: number): void {
    for (
      let next = this.#timers[0];
      next !== undefined && next.atNs <= atNs;
      next = this.#timers[0]
    ) {
      this.#timers.shift()
      this.#nowNs = next.atNs
      next.wake()
    }
    this.#nowNs = Math.max(this.#nowNs, atNs)
  }
}
