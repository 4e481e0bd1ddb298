import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { RaftmarkError } from '../base/errors.ts'
import { lineSplitter } from './line-splitter.ts'

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

/** A process that cannot outlive this one, started by a `Guard`. */
export interface GuardedProcess {
  readonly pid: number
  /** Resolves when it is gone and its standard output is read; never rejects. */
  readonly ended: Promise<Ended>
  /** Undefined as long as it runs. */
  readonly end: Ended | undefined
  /** Calls for each line of its standard output that was not handed to an earlier listener. */
  onLine(listener: (line: string) => void): void
  /** Writes to its standard input; nothing happens when that is closed. */
  write(text: string): void
  /** Closes its standard input: what a node takes as the order to end. */
  endInput(): void
  /** To the process and what it started. Nothing happens when it is gone. */
  signal(name: NodeJS.Signals): void
}

/** How long the output of an ended process is waited for: what it started may hold it open. */
const LAST_OUTPUT_MS_MAX = 200

/**
 * Starts `command`, in a session of its own so that Ctrl-C on the terminal does not reach it
 * before we have decided how it is to end.
 */
export async function startProcess(command: Command): Promise<GuardedProcess> {
  const [program, ...rest] = command.argv
  const stderr = openSync(command.stderrFile, 'a')
  try {
    const child = spawn(program, rest, {
      cwd: command.directory,
      env: { ...process.env, ...command.environment },
      stdio: ['pipe', 'pipe', stderr],
      detached: true,
    })
    await spawned(child, command)
    return new ChildOfOurs(child)
  } finally {
    closeSync(stderr)
  }
}

function spawned(child: ChildProcess, command: Command): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) => {
      const shown = command.argv.join(' ')
      const message = `cannot start "${shown}" in ${command.directory}: ${cause.message}`
      reject(
        new RaftmarkError('environment-lacking', message, {
          nextStep: `Install ${command.argv[0]}, or see "raftmark doctor" for what is missing.`,
          cause,
        }),
      )
    })
  })
}

class ChildOfOurs implements GuardedProcess {
  readonly pid: number
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #unheard: string[] = []
  #listener: ((line: string) => void) | undefined
  #end: Ended | undefined

  constructor(child: ChildProcess) {
    this.pid = child.pid as number
    this.#child = child
    child.on('error', () => undefined) // A signal that could not be sent: the process is gone.
    child.stdin?.on('error', () => undefined) // It closed its input, or ended: `ended` says so.
    this.ended = this.#followEnd(this.#readLines())
  }

  get end(): Ended | undefined {
    return this.#end
  }

  onLine(listener: (line: string) => void): void {
    this.#listener = listener
    for (const line of this.#unheard.splice(0)) listener(line)
  }

  write(text: string): void {
    if (this.#child.stdin?.writable === true) this.#child.stdin.write(text)
  }

  endInput(): void {
    this.#child.stdin?.end()
  }

  signal(name: NodeJS.Signals): void {
    if (this.#end === undefined) signalGroup(this.pid, name)
  }

  /** Resolves once standard output has ended. */
  #readLines(): Promise<void> {
    const lines = lineSplitter((line) =>
      this.#listener === undefined ? void this.#unheard.push(line) : this.#listener(line),
    )
    const stdout = this.#child.stdout
    stdout?.setEncoding('utf8')
    stdout?.on('data', (text: string) => lines.push(text))
    return new Promise((resolve) => {
      stdout?.once('close', () => {
        lines.finish()
        resolve()
      })
    })
  }

  #followEnd(outputEnded: Promise<void>): Promise<Ended> {
    return new Promise((resolve) => {
      this.#child.once('exit', (exitCode, signal) => {
        const end = { exitCode: exitCode ?? undefined, signal: signal ?? undefined }
        this.#end = end
        signalGroup(this.pid, 'SIGKILL') // What it started and left behind.
        const limit = setTimeout(() => resolve(end), LAST_OUTPUT_MS_MAX)
        void outputEnded.then(() => {
          clearTimeout(limit)
          resolve(end)
        })
      })
    })
  }
}

function signalGroup(leader: number, name: NodeJS.Signals): void {
  try {
    process.kill(-leader, name)
  } catch {
    // Nobody of the group is left.
  }
}
