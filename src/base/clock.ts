/** A wake-up that can be called off. Calling it off twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void
}

/**
 * Time as the code sees it. The simulator has its own, so that a run can be replayed; nothing but
 * an implementation of this port may look at the machine's clock.
 *
 * Why callbacks and no promises: the engine's hot path takes millions of steps a second in the
 * simulator, and the order of its callbacks is part of what a seed replays.
 */
export interface Clock {
  /** Nanoseconds since the process (or the simulated run) began. Never goes back. */
  nowNs(): number

  /** Calls `wake` once, at `atNs` or as soon after it as possible; never before returning. */
  wakeAt(atNs: number, wake: () => void): Timer

  /**
   * Calls `task` once the callbacks that run now have ended, before any timer or I/O: what the
   * engine uses to gather all that one burst brought. Never before returning.
   */
  defer(task: () => void): void
}

/** Resolves at `atNs`, or soon if that has passed. For code outside the hot path. */
export function sleepUntil(clock: Clock, atNs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.wakeAt(atNs, resolve)
  })
}
