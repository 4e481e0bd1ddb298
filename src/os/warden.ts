import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import { packageRoot } from './package-root.ts'
import { startTimeOfProcess } from './proc.ts'

/** The process that outlives this one just long enough to clean up after it: bin/warden.js. */
export interface Warden {
  /** Undefined in the instant in which a killed one is being replaced. */
  readonly pid: number | undefined
  /** Returns what to call once the process is gone. */
  watchProcess(pid: number): () => void
  watchDirectory(path: string): void
  forgetDirectory(path: string): void
  /** Ends it; resolves when it is gone, within `WARDEN_CLOSE_MS`. */
  close(): Promise<void>
}

/** It has nothing to clean when it is closed, so it only has to end. */
const WARDEN_CLOSE_MS = 2_000

/** Somebody who kills the warden again and again wants it gone: then we must not start nodes. */
const REPLACEMENTS_MAX = 20

/**
 * `token` is what the environment of every watched process has as RAFTMARK_GUARD. A warden that
 * is killed is replaced by a new one, which is told everything again.
 */
export async function startWarden(token: string): Promise<Warden> {
  const warden = new WardenProcess(token)
  await warden.ready
  return warden
}

class WardenProcess implements Warden {
  readonly ready: Promise<void>
  readonly #token: string
  readonly #processes = new Map<number, number>()
  readonly #directories = new Set<string>()
  #child: ChildProcess
  #closing = false
  #replacements = 0

  constructor(token: string) {
    this.#token = token
    this.#child = this.#spawn()
    this.ready = spawned(this.#child)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  watchProcess(pid: number): () => void {
    const startTime = startTimeOfProcess(pid)
    if (startTime === undefined) return () => undefined
    this.#processes.set(pid, startTime)
    this.#tell({ started: { pid, startTime } })
    return () => {
      this.#processes.delete(pid)
      this.#tell({ ended: { pid } })
    }
  }

  watchDirectory(path: string): void {
    this.#directories.add(path)
    this.#tell({ made: path })
  }

  forgetDirectory(path: string): void {
    this.#directories.delete(path)
    this.#tell({ removed: path })
  }

  async close(): Promise<void> {
    this.#closing = true
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    await new Promise<void>((resolve) => {
      const limit = setTimeout(() => child.kill('SIGKILL'), WARDEN_CLOSE_MS)
      child.ref()
      child.once('exit', () => {
        clearTimeout(limit)
        resolve()
      })
      child.stdin?.end()
    })
  }

  #spawn(): ChildProcess {
    const program = join(packageRoot, 'bin', 'warden.js')
    const child = spawn(process.execPath, [program, this.#token], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: withoutToken(process.env),
    })
    child.unref()
    child.stdin?.on('error', () => undefined) // It was killed: 'exit' replaces it.
    child.once('exit', () => this.#replace())
    return child
  }

  #replace(): void {
    if (this.#closing) return
    this.#replacements += 1
    if (this.#replacements > REPLACEMENTS_MAX) throw wardenLost()
    this.#child = this.#spawn()
    this.#child.once('error', () => undefined) // 'exit' follows, or the next message finds out.
    for (const [pid, startTime] of this.#processes) this.#tell({ started: { pid, startTime } })
    for (const path of this.#directories) this.#tell({ made: path })
  }

  /** Goes into the pipe at once: it is there even if this process is killed right afterwards. */
  #tell(event: object): void {
    if (this.#child.stdin?.writable === true) this.#child.stdin.write(`${JSON.stringify(event)}\n`)
  }
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) =>
      reject(
        new RaftmarkError('environment-lacking', `cannot start the warden: ${cause.message}`, {
          nextStep: 'Look whether this machine allows more processes (ulimit -u).',
          cause,
        }),
      ),
    )
  })
}

function wardenLost(): RaftmarkError {
  const message = `the warden process was killed ${REPLACEMENTS_MAX} times`
  return new RaftmarkError('environment-lacking', message, {
    nextStep: 'Find what ends it: without it, killed runs would leave processes behind.',
  })
}

/** A run inside a run: the outer warden must not take our warden for one of its processes. */
function withoutToken(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { RAFTMARK_GUARD: _, ...rest } = environment
  return rest
}
