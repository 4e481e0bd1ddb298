/** What to start. No shell is involved. */
export type Command = {
  readonly argv: readonly [string, ...string[]]
  readonly directory: string
  /** Added to this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>
  /** Where its standard error goes: appended to; made if it does not exist. */
  readonly stderrFile: string
}

export type Ended = {
  readonly exitCode: number | undefined
  readonly signal: NodeJS.Signals | undefined
}

/** A process that cannot outlive this one. */
export interface GuardedProcess {
  readonly pid: number
  /** Resolves when it is gone; never rejects. */
  readonly ended: Promise<Ended>
  /** Undefined as long as it runs. */
  readonly end: Ended | undefined
  /** Calls for each whole line of its standard output; a last line without an end counts. */
  onLine(listener: (line: string) => void): void
  /** Writes to its standard input; nothing happens when that is closed. */
  write(text: string): void
  /** Closes its standard input: what a node takes as the order to end. */
  endInput(): void
  /** To the process and what it started. Nothing happens when it is gone. */
  signal(name: NodeJS.Signals): void
}

/**
 * Starts processes and makes temporary directories such that none of them outlives this process,
 * however it ends: a warden process, bound by a pipe, kills and removes what is left. One per CLI.
 */
export interface Guard {
  /** Throws RaftmarkError `environment-lacking` when the program cannot be started. */
  start(command: Command): Promise<GuardedProcess>
  /** Makes `path`, which must not exist, and has it removed in the end whatever happens. */
  makeTemporary(path: string): Promise<void>
  /** Removes it now. */
  removeTemporary(path: string): Promise<void>
  /** SIGKILLs all that runs, synchronously: for the last moment of this process. */
  killAll(): void
  /** Kills and removes what is left and ends the warden. Within `GUARD_CLOSE_MS`. */
  close(): Promise<void>
}

/** The longest that `close` takes. */
export const GUARD_CLOSE_MS = 5_000

/** Starts the warden. Throws RaftmarkError `environment-lacking` when it cannot. */
export declare function createGuard(): Promise<Guard>
