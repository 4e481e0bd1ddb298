import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { InvariantError } from '../base/assert.ts'
import { type Scenario, scenarioNamed, validateScenario } from '../experiment/sim/scenario.ts'
import { addSums, nothing, type SeedRange, type SeedSums } from '../experiment/sim/seeds.ts'
import { systemClock } from '../os/clock.ts'
import type { SimAnswer, SimQuestion } from './sim-worker.ts'

/** Seeds that a process is given at once: enough that asking costs nothing, few enough to stop. */
const CHUNK_SEEDS = 100

/**
 * A life is garbage as soon as it ends. What V8 guesses to live long it allocates among the old,
 * from where it keeps whole dead lives alive: a third of the time went into copying them.
 */
const WORKER_FLAGS = ['--no-allocation-site-pretenuring']

export type SimDocument = {
  readonly schema: 'raftmark/sim/1'
  readonly scenario: string
  readonly designs: readonly string[]
  readonly firstSeed: number
  readonly seeds: number
  readonly failures: readonly {
    readonly seed: number
    readonly check: string
    readonly explanation: string
    readonly atMs: number
    readonly event: number
  }[]
  readonly processes: number
  readonly seedsPerSecond: number
  readonly eventsPerSecond: number
  readonly meanEvents: number
  readonly meanAcked: number
  readonly meanFaults: number
  readonly meanVirtualSeconds: number
}

export type SimRequest = {
  readonly scenario: string
  /** Instead of the scenario's own. */
  readonly designs: readonly string[]
  readonly firstSeed: number
  readonly seeds: number
  readonly keepGoing: boolean
  readonly processes?: number
  readonly onProgress?: (done: number, secondsLeft: number) => void
}

/** The scenario as asked for. Throws `workload-invalid` or `design-impossible`. */
export function scenarioOf(name: string, designs: readonly string[]): Scenario {
  const scenario = scenarioNamed(name)
  const chosen = designs.length === 0 ? scenario : { ...scenario, designs }
  validateScenario(chosen)
  return chosen
}

/** Lives all seeds, on all cores; stops at the first failure unless told otherwise. */
export async function simulateSeeds(request: SimRequest): Promise<SimDocument> {
  const scenario = scenarioOf(request.scenario, request.designs)
  const chunks = Math.ceil(request.seeds / CHUNK_SEEDS)
  const processes = Math.max(1, Math.min(request.processes ?? availableParallelism(), chunks))
  const startNs = systemClock.nowNs()
  const pool = new Pool(request, scenario, startNs)
  await Promise.all(Array.from({ length: processes }, () => pool.work()))
  const seconds = (systemClock.nowNs() - startNs) / 1e9
  return documentOf(request, scenario, pool.sums(), { processes, seconds })
}

class Pool {
  readonly #request: SimRequest
  readonly #scenario: Scenario
  readonly #startNs: number
  readonly #answers: SimAnswer[] = []
  #next: number
  #done = 0
  #isStopped = false

  constructor(request: SimRequest, scenario: Scenario, startNs: number) {
    this.#request = request
    this.#scenario = scenario
    this.#startNs = startNs
    this.#next = request.firstSeed
  }

  /** One process, until there is nothing left to do. */
  async work(): Promise<void> {
    const worker = fork(workerFile(), { execArgv: [...process.execArgv, ...WORKER_FLAGS] })
    try {
      for (let range = this.#take(); range !== undefined; range = this.#take()) {
        this.#note(await ask(worker, this.#questionOf(range)))
      }
    } finally {
      worker.disconnect()
    }
  }

  /** In the order of the seeds, whichever process was faster. */
  sums(): SeedSums {
    const answers = this.#answers.toSorted((a, b) => a.range.start - b.range.start)
    return answers.reduce((sums, answer) => addSums(sums, answer.sums), nothing)
  }

  #take(): SeedRange | undefined {
    const last = this.#request.firstSeed + this.#request.seeds
    if (this.#isStopped || this.#next >= last) return undefined
    const start = this.#next
    this.#next = Math.min(last, start + CHUNK_SEEDS)
    return { start, end: this.#next }
  }

  #questionOf(range: SeedRange): SimQuestion {
    return { scenario: this.#scenario, range, keepGoing: this.#request.keepGoing }
  }

  #note(answer: SimAnswer): void {
    this.#answers.push(answer)
    this.#done += answer.sums.seeds
    if (answer.sums.failures.length > 0 && !this.#request.keepGoing) this.#isStopped = true
    const seconds = (systemClock.nowNs() - this.#startNs) / 1e9
    const left = ((this.#request.seeds - this.#done) * seconds) / this.#done
    this.#request.onProgress?.(this.#done, left)
  }
}

/** Beside this file, be it a source or compiled. */
function workerFile(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fileURLToPath(new URL(`./sim-worker.${extension}`, import.meta.url))
}

function ask(worker: ChildProcess, question: SimQuestion): Promise<SimAnswer> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      worker.off('message', answered)
      worker.off('exit', exited)
    }
    const answered = (answer: unknown): void => {
      end()
      resolve(answer as SimAnswer)
    }
    const exited = (code: number | null): void => {
      end()
      reject(new InvariantError(`a process of the simulator ended with code ${code}`))
    }
    worker.on('message', answered)
    worker.on('exit', exited)
    worker.send(question)
  })
}

function documentOf(
  request: SimRequest,
  scenario: Scenario,
  sums: SeedSums,
  { processes, seconds }: { readonly processes: number; readonly seconds: number },
): SimDocument {
  const mean = (sum: number): number => Math.round((100 * sum) / Math.max(1, sums.seeds)) / 100
  return {
    schema: 'raftmark/sim/1',
    scenario: scenario.name,
    designs: scenario.designs,
    firstSeed: request.firstSeed,
    seeds: sums.seeds,
    failures: sums.failures.map(({ seed, failure: { check, explanation, atNs, event } }) => ({
      seed,
      check,
      explanation,
      atMs: atNs / 1e6,
      event,
    })),
    processes,
    seedsPerSecond: Math.round(sums.seeds / seconds),
    eventsPerSecond: Math.round(sums.events / seconds),
    meanEvents: mean(sums.events),
    meanAcked: mean(sums.acknowledged),
    meanFaults: mean(sums.faults),
    meanVirtualSeconds: mean(sums.virtualNs / 1e9),
  }
}
