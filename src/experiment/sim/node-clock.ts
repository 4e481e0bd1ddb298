import type { Clock, Timer } from '../../base/clock.ts'
import type { SimEvent } from './event-heap.ts'
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

  nowNs(): number {
    return this.#localNs + Math.floor((this.#world.nowNs - this.#worldNs) * this.#rate)
  }

  wakeAt(atNs: number, wake: () => void): Timer {
    let event: SimEvent | undefined
    const plan = (): void => {
      const ahead = Math.ceil((atNs - this.nowNs()) / this.#rate)
      event = this.#world.schedule(this.#world.nowNs + ahead, 'timer', this.#node, fire)
    }
    const fire = (): void => {
      if (!this.#isAlive) return
      // The clock was slowed down, or the division lost a nanosecond.
      if (this.nowNs() < atNs) plan()
      else wake()
    }
    if (this.#isAlive) plan()
    return {
      cancel: () => {
        if (event !== undefined) event.call = undefined
      },
    }
  }

  defer(task: () => void): void {
    this.#world.defer(() => {
      if (this.#isAlive) task()
    })
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

/** True time, for what is outside of all nodes; its timers count as events of `kind`. */
export const worldClock = (world: World, node: number, kind: 'disk' | 'client'): Clock => ({
  nowNs: () => world.nowNs,
  wakeAt: (atNs, wake) => {
    const event = world.schedule(atNs, kind, node, wake)
    return {
      cancel: () => {
        event.call = undefined
      },
    }
  },
  defer: (task) => world.defer(task),
})
