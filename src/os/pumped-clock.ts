import type { Clock } from '../base/clock.ts'
import { systemClock } from './clock.ts'

/** How long deferred tasks run before timers and I/O get a turn. */
const TURN_NS = 1_000_000
/** Tasks between two looks at the clock. */
const TASKS_PER_LOOK = 64

/**
 * The machine's clock for several replicas in one process. Deferred tasks run one after the other,
 * those that they defer included, but timers get their turn every millisecond: with microtasks
 * alone, replicas that keep each other busy would never see a tick.
 */
export function createPumpedClock(): Clock {
  let queue: (() => void)[] = []
  let head = 0
  let isPumping = false

  const pump = (): void => {
    const endNs = systemClock.nowNs() + TURN_NS
    while (head < queue.length) {
      const task = queue[head] as () => void
      head += 1
      task()
      if (head % TASKS_PER_LOOK === 0 && systemClock.nowNs() >= endNs) break
    }
    if (head === queue.length) {
      queue = []
      head = 0
      isPumping = false
      return
    }
    queue.splice(0, head)
    head = 0
    setImmediate(pump)
  }

  return {
    nowNs: systemClock.nowNs,
    wakeAt: systemClock.wakeAt,
    defer: (task) => {
      queue.push(task)
      if (isPumping) return
      isPumping = true
      setImmediate(pump)
    },
  }
}
