import { parentPort, workerData } from 'node:worker_threads'
import { planOf } from '../../src/experiment/sim/plan.ts'
import { scenarioNamed } from '../../src/experiment/sim/scenario.ts'
import { simulate } from '../../src/experiment/sim/simulate.ts'

/** What a worker is to do: so many seeds of each scenario, in turn. */
export type Hunt = { readonly scenarios: readonly string[]; readonly seeds: number }

export type Found = {
  readonly check: string
  readonly explanation: string
  readonly scenario: string
  readonly seed: number
}

/** `runs` ended so far; the last of them is `found`, if anything is; `isDone` after all. */
export type Tidings = {
  readonly runs: number
  readonly found: Found | undefined
  readonly isDone: boolean
}

const RUNS_PER_SIGN_OF_LIFE = 20

const tell = (tidings: Tidings): void => parentPort?.postMessage(tidings)

simulateAll(workerData as Hunt)

function simulateAll({ scenarios, seeds }: Hunt): void {
  const places = scenarios.map(scenarioNamed)
  let runs = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const scenario of places) {
      const { failure } = simulate(planOf(scenario, seed))
      runs += 1
      if (failure !== undefined) {
        const { check, explanation } = failure
        tell({ runs, found: { check, explanation, scenario: scenario.name, seed }, isDone: true })
        return
      }
      if (runs % RUNS_PER_SIGN_OF_LIFE === 0) tell({ runs, found: undefined, isDone: false })
    }
  }
  tell({ runs, found: undefined, isDone: true })
}
