import type { Clock, Timer } from '../../base/clock.ts'
import { type EventKind, eventKinds, type Happening, type SimEvent } from './event-heap.ts'
import type { World } from './world.ts'

/**
 * The clock of one life of one node. It may run fast or slow and jump ahead; like the machine's
 * monotonic clock it never goes back. When the process dies, all that it planned is forgotten.
 */
export class NodeClock implements Clock {
  readonly #world: World
  readonly #node: number
  #isAlive = true
  #rate: number
  /** The instant from which the rate holds, by the world's time and by this clock. */
  #worldNs: number
  #localNs = 0

  constructor(world: World, node: number, rate: number) {
    this.#world = world
    this.#node = node
    this.#rate = rate
    this.#worldNs = world.nowNs
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  nowNs(): number {
    return this.#localNs + Math.floor((this.#world.nowNs - this.#worldNs) * this.#rate)
  }

  wakeAt(atNs: number, wake: () => void): Timer {
    const timer = new NodeTimer(this, atNs, wake)
    if (this.#isAlive) this.plan(timer, atNs)
    return timer
  }

  /** Lets `timer` happen when this clock shows `atNs`, as far as it can be known now. */
  plan(timer: NodeTimer, atNs: number): void {
    const ahead = Math.ceil((atNs - this.nowNs()) / this.#rate)
    timer.event = this.#world.plan(this.#world.nowNs + ahead, eventKinds.timer, this.#node, timer)
  }

  defer(task: () => void): void {
    this.#world.defer(task, this)
  }

  setRate(rate: number): void {
    this.#localNs = this.nowNs()
    this.#worldNs = this.#world.nowNs
    this.#rate = rate
  }

  jump(aheadNs: number): void {
    this.#localNs += aheadNs
  }

  die(): void {
    this.#isAlive = false
  }
}

/** Lost with its process. */
class NodeTimer implements Timer, Happening {
  event: SimEvent | undefined
  readonly #clock: NodeClock
  readonly #dueNs: number
  readonly #wake: () => void

  constructor(clock: NodeClock, dueNs: number, wake: () => void) {
    this.#clock = clock
    this.#dueNs = dueNs
    this.#wake = wake
  }

  cancel(): void {
    this.event?.cancel()
  }

  happen(): void {
    if (!this.#clock.isAlive) return
    const wake = this.#wake
    // The clock was slowed down, or the division lost a nanosecond.
    if (this.#clock.nowNs() < this.#dueNs) this.#clock.plan(this, this.#dueNs)
    else wake()
  }
}

/** True time, for what is outside of all nodes; its timers count as events of `kind`. */
export const worldClock = (world: World, node: number, kind: EventKind): Clock => ({
  nowNs: () => world.nowNs,
  wakeAt: (atNs, wake) => world.schedule(atNs, kind, node, wake),
  defer: (task) => world.defer(task, undefined),
})
