import type { Clock, Timer } from '../base/clock.ts'

const NS_PER_MS = 1_000_000

/**
 * The machine's monotonic clock. A wake-up is never early; it is late by the timer's resolution
 * (about 1 ms) and by whatever else the process has to do: `calibrate` measures both.
 */
export const systemClock: Clock = {
  nowNs,
  wakeAt(atNs, wake) {
    return atNs <= nowNs() ? wakeSoon(wake) : wakeLater(atNs, wake)
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

function wakeLater(atNs: number, wake: () => void): Timer {
  let timeout: NodeJS.Timeout
  const arm = () => {
    const delayMs = Math.max(1, Math.ceil((atNs - nowNs()) / NS_PER_MS))
    timeout = setTimeout(ring, delayMs)
  }
  // The event loop counts in whole milliseconds of its own, so a timer can ring too early.
  const ring = () => (nowNs() < atNs ? arm() : wake())
  arm()
  return { cancel: () => clearTimeout(timeout) }
}
