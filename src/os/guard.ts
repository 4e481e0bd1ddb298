import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import { freshToken } from './entropy.ts'
import { makeDirectories } from './files.ts'
import { type Command, type GuardedProcess, startProcess } from './guarded-process.ts'
import { startWarden, type Warden } from './warden.ts'

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
  /** Kills and removes what is left and ends the warden, within 5 s. */
  close(): Promise<void>
}

/** A killed process that is still there then hangs in the kernel: the warden is left to it. */
const GONE_MS_MAX = 3_000

/** Starts the warden. Throws RaftmarkError `environment-lacking` when it cannot. */
export async function createGuard(): Promise<Guard> {
  const token = freshToken(32)
  return new WardedGuard(token, await startWarden(token))
}

class WardedGuard implements Guard {
  readonly #token: string
  readonly #warden: Warden
  readonly #running = new Set<GuardedProcess>()
  readonly #temporary = new Set<string>()

  constructor(token: string, warden: Warden) {
    this.#token = token
    this.#warden = warden
  }

  async start(command: Command): Promise<GuardedProcess> {
    const process = await startProcess({
      ...command,
      environment: { ...command.environment, RAFTMARK_GUARD: this.#token },
    })
    this.#running.add(process)
    const forget = this.#warden.watchProcess(process.pid)
    void process.ended.then(() => {
      this.#running.delete(process)
      forget()
    })
    return process
  }

  async makeTemporary(path: string): Promise<void> {
    try {
      makeDirectories(dirname(path))
      mkdirSync(path)
    } catch (cause) {
      throw new RaftmarkError('directory-unusable', `cannot make ${path}: ${String(cause)}`, {
        nextStep: 'Choose a folder that you may write to with --results DIR.',
        cause,
      })
    }
    this.#temporary.add(path)
    this.#warden.watchDirectory(path)
  }

  async removeTemporary(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true, maxRetries: 3 })
    this.#temporary.delete(path)
    this.#warden.forgetDirectory(path)
  }

  killAll(): void {
    for (const process of this.#running) process.signal('SIGKILL')
  }

  async close(): Promise<void> {
    this.killAll()
    await this.#untilGone()
    await Promise.all([...this.#temporary].map((path) => this.removeTemporary(path)))
    await this.#warden.close()
  }

  async #untilGone(): Promise<void> {
    const gone = Promise.all([...this.#running].map((process) => process.ended))
    let limit: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => {
      limit = setTimeout(resolve, GONE_MS_MAX)
    })
    await Promise.race([gone, late])
    clearTimeout(limit)
  }
}
