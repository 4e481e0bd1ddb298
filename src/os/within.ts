import type { Clock } from '../base/clock.ts'

const NS_PER_MS = 1_000_000

export type Limit = {
  readonly clock: Clock
  readonly limitMs: number
  /** Makes the error of a wait that took too long. */
  readonly late: () => Error | Promise<Error>
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** Settles as `promise` does, unless the limit or the signal comes first. */
export function within<T>(promise: Promise<T>, limit: Limit): Promise<T> {
  return new Promise((resolve, reject) => {
    const { clock, signal } = limit
    const abort = () => reject(signal?.reason)
    const timer = clock.wakeAt(clock.nowNs() + limit.limitMs * NS_PER_MS, () => {
      Promise.resolve(limit.late()).then(reject, reject)
    })
    if (signal?.aborted === true) abort()
    signal?.addEventListener('abort', abort, { once: true })
    void promise.then(resolve, reject).finally(() => {
      timer.cancel()
      signal?.removeEventListener('abort', abort)
    })
  })
}

/** Whether `promise` resolved within `limitMs`; rejects if it rejected. */
export function settles(promise: Promise<unknown>, clock: Clock, limitMs: number) {
  return new Promise<boolean>((resolve, reject) => {
    const timer = clock.wakeAt(clock.nowNs() + limitMs * NS_PER_MS, () => resolve(false))
    promise.then(() => resolve(true), reject).finally(() => timer.cancel())
  })
}
