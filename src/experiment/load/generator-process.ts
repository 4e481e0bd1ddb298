import { join } from 'node:path'
import type { Clock, Timer } from '../../base/clock.ts'
import { RaftmarkError } from '../../base/errors.ts'
import { systemClock } from '../../os/clock.ts'
import type { Guard } from '../../os/guard.ts'
import type { GuardedProcess } from '../../os/guarded-process.ts'
import { packageRoot } from '../../os/package-root.ts'
import { costOfProcess } from '../../os/proc.ts'
import { runAtOnce, type Scheduling, schedulingOf } from '../../os/scheduling.ts'
import { messageReader, orderLine } from './channel.ts'
import type { FromGenerator, LoadPlan } from './plan.ts'

/** The generator as its parent sees it. */
export interface Generator {
  readonly pid: number
  /** Of its main thread; `undefined` when it was gone before it could be read. */
  readonly scheduling: Scheduling | undefined
  /** CPU time of its process so far, in nanoseconds. */
  cpuNs(): number
  /** The cluster is warm: begin to measure. Without effect in another phase than the warm-up. */
  measure(): void
  /** Drain now and report what there is. */
  stop(): void
  /** Every message, in order, also those that came before the call. */
  onMessage(listener: (message: FromGenerator) => void): void
  /**
   * Resolves after the report, once the process is gone. Rejects with RaftmarkError when it ended
   * without one, or said nothing for `silenceMs`; the process is gone then too.
   */
  readonly ended: Promise<void>
}

/** How long the parent waits for the generator before it says that it is broken. */
export type GeneratorLimits = {
  /** Between two messages; it reports four times a second. */
  readonly silenceMs: number
  /** From its report, or from the order to end, to its end; then SIGKILL. */
  readonly endMs: number
}

export const generatorLimits: GeneratorLimits = { silenceMs: 20_000, endMs: 3_000 }

/**
 * Compiles sooner, collects often and little, and in the main thread alone: it would wait for
 * collecting threads, which wait for a core behind the nodes.
 */
const GENERATOR_V8_FLAGS = [
  '--interrupt-budget=5000',
  '--max-semi-space-size=16',
  '--single-threaded-gc',
] as const

export type GeneratorOptions = {
  readonly guard: Guard
  /** Where its standard error goes. */
  readonly stderrFile: string
  /** What to run. Default: the bundled generator of this package. */
  readonly argv?: readonly [string, ...string[]]
  readonly limits?: GeneratorLimits
  readonly clock?: Clock
}

/** The program that loads a cluster: it takes its plan from its standard input. */
export const generatorCommand: readonly [string, ...string[]] = [
  process.execPath,
  ...GENERATOR_V8_FLAGS,
  join(packageRoot, 'dist', 'generator.js'),
]

/** Starts a generator process with its plan; its first message says that the warm-up has begun. */
export async function startGenerator(
  plan: LoadPlan,
  options: GeneratorOptions,
): Promise<Generator> {
  const argv = options.argv ?? generatorCommand
  const { guard, stderrFile, limits = generatorLimits, clock = systemClock } = options
  const child = await guard.start({ argv, directory: packageRoot, stderrFile })
  child.write(orderLine({ kind: 'plan', plan }))
  // A closed loop waits for its answers: it has no moments of its own to keep.
  const isPaced = plan.workload.arrival.kind !== 'closed'
  return new GeneratorChild(child, { clock, limits, stderrFile, isPaced })
}

class GeneratorChild implements Generator {
  readonly pid: number
  readonly scheduling: Scheduling | undefined
  readonly ended: Promise<void>
  readonly #child: GuardedProcess
  readonly #clock: Clock
  readonly #limits: GeneratorLimits
  readonly #stderrFile: string
  readonly #unheard: FromGenerator[] = []
  #listener: ((message: FromGenerator) => void) | undefined
  #lastCpuNs = 0
  #hasReported = false
  #failure: RaftmarkError | undefined
  #limit: Timer | undefined

  constructor(
    child: GuardedProcess,
    options: {
      readonly clock: Clock
      readonly limits: GeneratorLimits
      readonly stderrFile: string
      /** Its operations are due at moments of their own. */
      readonly isPaced: boolean
    },
  ) {
    this.pid = child.pid
    this.scheduling = options.isPaced ? runAtOnce(child.pid) : schedulingOf(child.pid)
    this.#child = child
    this.#clock = options.clock
    this.#limits = options.limits
    this.#stderrFile = options.stderrFile
    this.#expectMessage()
    const read = messageReader((message) => this.#heard(message))
    child.onLine((line) => this.#try(() => read(line)))
    this.ended = child.ended.then(() => this.#conclude())
    // Whoever is not there yet to await it must not bring the process down.
    this.ended.catch(() => undefined)
  }

  cpuNs(): number {
    // What a process has used cannot be read any more once it is gone.
    this.#lastCpuNs = costOfProcess(this.pid)?.cpuNs ?? this.#lastCpuNs
    return this.#lastCpuNs
  }

  measure(): void {
    this.#child.write(orderLine({ kind: 'measure' }))
  }

  stop(): void {
    this.#child.write(orderLine({ kind: 'stop' }))
  }

  onMessage(listener: (message: FromGenerator) => void): void {
    this.#listener = listener
    for (const message of this.#unheard.splice(0)) listener(message)
  }

  #heard(message: FromGenerator): void {
    if (message.kind === 'report') {
      this.#hasReported = true
      this.#end()
    } else if (message.kind === 'failed') {
      this.#fail(`The load generator failed: ${message.message}`)
    } else this.#expectMessage()
    if (this.#listener === undefined) this.#unheard.push(message)
    else this.#listener(message)
  }

  #try(read: () => void): void {
    try {
      read()
    } catch (error) {
      if (!(error instanceof RaftmarkError)) throw error
      this.#failure ??= error
      this.#end()
    }
  }

  #expectMessage(): void {
    const { silenceMs } = this.#limits
    this.#within(silenceMs, () => {
      this.#fail(`The load generator has said nothing for ${silenceMs} ms.`)
      this.#child.signal('SIGKILL')
    })
  }

  #fail(message: string): void {
    this.#failure ??= new RaftmarkError('adapter-exited', message, {
      nextStep: `See ${this.#stderrFile}.`,
      place: { file: this.#stderrFile },
    })
    this.#end()
  }

  /** The end of its standard input ends it. */
  #end(): void {
    this.#child.endInput()
    this.#within(this.#limits.endMs, () => this.#child.signal('SIGKILL'))
  }

  #within(ms: number, otherwise: () => void): void {
    this.#limit?.cancel()
    this.#limit = this.#clock.wakeAt(this.#clock.nowNs() + ms * 1_000_000, otherwise)
  }

  #conclude(): void {
    this.#limit?.cancel()
    if (!this.#hasReported) this.#fail(`The load generator ended (${this.#howItEnded()}).`)
    this.#limit?.cancel()
    if (this.#failure !== undefined) throw this.#failure
  }

  #howItEnded(): string {
    const end = this.#child.end
    return end?.signal === undefined ? `exit code ${end?.exitCode}` : `signal ${end.signal}`
  }
}
