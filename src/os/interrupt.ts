/** What Ctrl-C (SIGINT), SIGTERM and SIGHUP mean while a command runs. */
export interface Interruption {
  /** Aborted by the first one: tasks end cleanly and keep what was measured. */
  readonly signal: AbortSignal
  /** The signal that came first; undefined when none came. The exit code is 128 + its number. */
  readonly exitCode: number | undefined
  /** Gives the signals back to Node. */
  dispose(): void
}

/**
 * Listens. The second signal calls `lastAct` (kill the children; synchronous) and exits at once
 * with 128 + the signal's number.
 */
export declare function listenForInterrupts(options: {
  readonly onFirst: (name: NodeJS.Signals) => void
  readonly lastAct: () => void
}): Interruption
