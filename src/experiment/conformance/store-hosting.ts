import { join } from 'node:path'
import { systemClock } from '../../os/clock.ts'
import { freshToken } from '../../os/entropy.ts'
import type { Guard } from '../../os/guard.ts'
import type { GuardedProcess } from '../../os/guarded-process.ts'
import { Broken } from './broken.ts'
import type { StoreHostLine, StoreHostPlan } from './store-host-plan.ts'

/** From starting a process until it says what it was started for, on a busy machine. */
const ANSWER_MS_MAX = 60_000

/** Opens the store that is checked in processes of its own. */
export class StoreHosting {
  readonly #guard: Guard
  readonly #program: string
  readonly #module: string
  readonly #directory: string

  constructor(options: {
    readonly guard: Guard
    /** The compiled store-host-main.js. */
    readonly program: string
    /** The file that exports the store's adapter. */
    readonly module: string
    /** Exists: what the processes say on standard error is kept in it. */
    readonly directory: string
  }) {
    this.#guard = options.guard
    this.#program = options.program
    this.#module = options.module
    this.#directory = options.directory
  }

  /** Resolves when the store is open there. Rejects with `Broken` when it refuses. */
  async start(plan: Omit<StoreHostPlan, 'module'>): Promise<HostedStore> {
    const whole: StoreHostPlan = { ...plan, module: this.#module }
    const started = await this.#guard.start({
      argv: [process.execPath, this.#program, JSON.stringify(whole)],
      directory: this.#directory,
      stderrFile: join(this.#directory, `store-host-${freshToken(8)}.log`),
    })
    const hosted = new HostedStore(started)
    await hosted.until('a store that opens', ({ opened }) => opened !== undefined)
    return hosted
  }
}

type Told = {
  readonly opened: number | undefined
  readonly acknowledged: number
  readonly wrong: number | undefined
}

/** A store that is open in another process. */
export class HostedStore {
  readonly pid: number
  readonly #process: GuardedProcess
  #told: Told = { opened: undefined, acknowledged: 0, wrong: undefined }
  #fault: string | undefined
  #wake: () => void = () => undefined

  constructor(started: GuardedProcess) {
    this.pid = started.pid
    this.#process = started
    started.onLine((text) => this.#hear(JSON.parse(text) as StoreHostLine))
    void started.ended.then(() => this.#wake())
  }

  get told(): Told {
    return this.#told
  }

  /** Waits until it has told so; rejects with `Broken` when it cannot any more. */
  async until(expected: string, isTold: (told: Told) => boolean): Promise<void> {
    const endNs = systemClock.nowNs() + ANSWER_MS_MAX * 1e6
    while (!isTold(this.#told)) {
      if (this.#fault !== undefined) throw new Broken(expected, this.#fault)
      if (this.#process.end !== undefined) throw new Broken(expected, 'a process that ended')
      if (systemClock.nowNs() >= endNs) {
        throw new Broken(expected, `nothing for ${ANSWER_MS_MAX / 1_000} s`)
      }
      await new Promise<void>((resolve) => {
        const late = systemClock.wakeAt(endNs, resolve)
        this.#wake = () => {
          late.cancel()
          resolve()
        }
      })
    }
  }

  /** Without a chance to close anything. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL')
    await this.#process.ended
  }

  /** Until it has ended by itself. */
  async end(): Promise<void> {
    await this.#process.ended
  }

  #hear(line: StoreHostLine): void {
    if ('refused' in line) this.#fault = `a refusal: ${line.refused}`
    else if ('failed' in line) this.#fault = `a write that failed: ${line.failed}`
    else this.#told = { ...this.#told, ...line }
    this.#wake()
  }
}
