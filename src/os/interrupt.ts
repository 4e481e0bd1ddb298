import { constants } from 'node:os'

/** What Ctrl-C (SIGINT), SIGTERM and SIGHUP mean while a command runs. */
export interface Interruption {
  /** Aborted by the first one: tasks end cleanly and keep what was measured. */
  readonly signal: AbortSignal
  /** 128 + the number of the signal that came first, as shells have it; undefined before. */
  readonly exitCode: number | undefined
  /** Gives the signals back to Node. */
  dispose(): void
}

const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export type InterruptOptions = {
  /** Says that it ends now, and that a second signal ends it at once. */
  readonly onFirst: (name: NodeJS.Signals) => void
  /** Kills the children. Synchronous, since the process exits right after it. */
  readonly lastAct: () => void
}

/**
 * Listens until disposed. The first signal aborts; the second one does `lastAct` and exits with
 * 128 + the number of the first.
 */
export function listenForInterrupts(options: InterruptOptions): Interruption {
  const abort = new AbortController()
  let exitCode: number | undefined
  const listener = (name: NodeJS.Signals) => {
    if (exitCode !== undefined) {
      options.lastAct()
      process.exit(exitCode)
    }
    exitCode = 128 + constants.signals[name]
    options.onFirst(name)
    abort.abort(new InterruptedError(name))
  }
  for (const name of interrupts) process.on(name, listener)
  return {
    signal: abort.signal,
    get exitCode() {
      return exitCode
    },
    dispose: () => {
      for (const name of interrupts) process.off(name, listener)
    },
  }
}

/** Why an interrupted task ended: the reason of the signal. No mistake and no bug. */
class InterruptedError extends Error {
  override readonly name = 'InterruptedError'

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal === 'SIGINT' ? 'Ctrl-C' : signal}`)
  }
}
