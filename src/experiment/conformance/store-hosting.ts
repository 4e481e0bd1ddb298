import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../../base/assert.ts'
import { systemClock } from '../../os/clock.ts'
import { freshToken } from '../../os/entropy.ts'
import type { Guard } from '../../os/guard.ts'
import type { GuardedProcess } from '../../os/guarded-process.ts'
import type { NodeVolumes } from '../../os/node-volumes.ts'
import { Broken } from './broken.ts'
import type { StoreHostLine, StoreHostPlan } from './store-host-plan.ts'

/** The one volume of a check. */
const VOLUME = 1

/** From starting a process until it says what it was started for, on a busy machine. */
const ANSWER_MS_MAX = 60_000

/** File systems that can be shut down, or why there are none here. */
export type Volumes = NodeVolumes | { readonly lacking: string }

/** Opens the store that is checked in processes of its own. */
export class StoreHosting {
  readonly volumes: Volumes
  /** How often a file system is to be shut down. */
  readonly shutdowns: number
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
    readonly volumes: Volumes
    readonly shutdowns: number
  }) {
    this.#guard = options.guard
    this.#program = options.program
    this.#module = options.module
    this.#directory = options.directory
    this.volumes = options.volumes
    this.shutdowns = options.shutdowns
  }

  /** Resolves when the store is open there. Rejects with `Broken` when it refuses. */
  start(plan: StoreTask): Promise<HostedStore> {
    return this.#opened(this.#argvOf(plan), plan.directory)
  }

  /**
   * The same on a file system of its own, which is there again at each call. `mount` is where it
   * is to be seen, outside of the directory of the plan.
   */
  async startOnVolume(plan: StoreTask, mount: string): Promise<HostedStore> {
    const { volumes } = this
    assert(!('lacking' in volumes), 'rules of volumes are put to stores where there are some')
    mkdirSync(mount, { recursive: true })
    return this.#opened(await volumes.house(VOLUME, mount, this.#argvOf(plan)), mount)
  }

  /** Shuts the file system of a store down under it, and kills it. */
  async cutPower(hosted: HostedStore): Promise<void> {
    const { volumes } = this
    assert(!('lacking' in volumes), 'rules of volumes are put to stores where there are some')
    await volumes.shutDown([hosted])
    await hosted.kill()
  }

  #argvOf(plan: StoreTask): readonly [string, ...string[]] {
    const whole: StoreHostPlan = { ...plan, module: this.#module }
    return [process.execPath, this.#program, JSON.stringify(whole)]
  }

  async #opened(argv: readonly [string, ...string[]], directory: string): Promise<HostedStore> {
    const started = await this.#guard.start({
      argv,
      directory: this.#directory,
      stderrFile: join(this.#directory, `store-host-${freshToken(8)}.log`),
    })
    const hosted = new HostedStore(started, directory)
    await hosted.until('a store that opens', ({ opened }) => opened !== undefined)
    return hosted
  }
}

type StoreTask = Omit<StoreHostPlan, 'module'>

type Told = {
  readonly opened: number | undefined
  readonly acknowledged: number
  readonly wrong: number | undefined
}

/** A store that is open in another process. */
export class HostedStore {
  readonly pid: number
  /** Where its file system is mounted, if it has one of its own. */
  readonly directory: string
  readonly #process: GuardedProcess
  #told: Told = { opened: undefined, acknowledged: 0, wrong: undefined }
  #fault: string | undefined
  #wake: () => void = () => undefined

  constructor(started: GuardedProcess, directory: string) {
    this.directory = directory
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
