import type { Clock } from '../../src/base/clock.ts'

/** A clock that a test moves by hand: nothing happens but in `advanceTo` and `settle`. */
export type ManualClock = Clock & {
  /** Runs deferred tasks, and those that they defer, until there are none. */
  settle(): void
  /** Moves time on, timer by timer, settling after each. */
  advanceTo(atNs: number): void
}

export function createManualClock(): ManualClock {
  let nowNs = 0
  let deferred: (() => void)[] = []
  let sequence = 0
  const timers = new Map<number, { atNs: number; wake: () => void }>()

  const settle = (): void => {
    while (deferred.length > 0) {
      const tasks = deferred
      deferred = []
      for (const task of tasks) task()
    }
  }
  const nextDue = (byNs: number): number | undefined => {
    let found: number | undefined
    for (const [id, { atNs }] of timers) {
      if (atNs > byNs) continue
      if (found === undefined || atNs < (timers.get(found)?.atNs ?? 0)) found = id
    }
    return found
  }

  return {
    nowNs: () => nowNs,
    wakeAt: (atNs, wake) => {
      sequence += 1
      const id = sequence
      timers.set(id, { atNs: Math.max(atNs, nowNs), wake })
      return { cancel: () => timers.delete(id) }
    },
    defer: (task) => {
      deferred.push(task)
    },
    settle,
    advanceTo: (atNs) => {
      settle()
      for (let id = nextDue(atNs); id !== undefined; id = nextDue(atNs)) {
        const timer = timers.get(id)
        timers.delete(id)
        if (timer === undefined) continue
        nowNs = timer.atNs
        timer.wake()
        settle()
      }
      nowNs = Math.max(nowNs, atNs)
    },
  }
}
