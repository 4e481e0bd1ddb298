import type { Clock, Timer } from '../base/clock.ts'

const NS_PER_MS = 1_000_000

/**
 * A timer rings up to a millisecond late, so what is due this soon is waited for in the event
 * loop. It is so seldom due so soon that it costs nothing, but for a generator of 20,000/s.
 */
const SOON_NS = 50_000

/**
 * The machine's monotonic clock. A wake-up is never early; it is late by the timer's resolution
 * (about 1 ms) and by whatever else the process has to do: `calibrate` measures both.
 */
export const systemClock: Clock = {
  nowNs,
  wakeAt(atNs, wake) {
    return atNs <= nowNs() ? wakeSoon(wake) : wakeThen(atNs, wake)
  },
  defer(task) {
    queueMicrotask(task)
  },
}

/** The time of day, for names and records only: it may jump, so nothing is measured with it. */
export interface WallClock {
  /** Milliseconds since 1970-01-01 UTC. */
  nowMs(): number
}

export const wallClock: WallClock = { nowMs: () => Date.now() }

/** Like `2026-03-01T12:34:56.789Z`. */
export const isoTime = (clock: WallClock): string => new Date(clock.nowMs()).toISOString()

function nowNs(): number {
  return Math.round(performance.now() * NS_PER_MS)
}

function wakeSoon(wake: () => void): Timer {
  const immediate = setImmediate(wake)
  return { cancel: () => clearImmediate(immediate) }
}

function wakeThen(atNs: number, wake: () => void): Timer {
  let cancel: () => void
  const arm = () => {
    const leftNs = atNs - nowNs()
    if (leftNs < SOON_NS) {
      const immediate = setImmediate(ring)
      cancel = () => clearImmediate(immediate)
    } else {
      const timeout = setTimeout(ring, Math.max(1, Math.ceil(leftNs / NS_PER_MS)))
      cancel = () => clearTimeout(timeout)
    }
  }
  // The event loop counts in whole milliseconds of its own, so a timer can ring too early.
  const ring = () => (nowNs() < atNs ? arm() : wake())
  arm()
  return { cancel: () => cancel() }
}
