import { parentPort, workerData } from 'node:worker_threads'
import { type Plan, planOf } from '../../src/experiment/sim/plan.ts'
import { scenarioNamed } from '../../src/experiment/sim/scenario.ts'
import { shrink } from '../../src/experiment/sim/shrink.ts'
import { type SimOutcome, simulate } from '../../src/experiment/sim/simulate.ts'

/** What a thread around changed sources is to do. */
export type Task =
  | { readonly kind: 'replay'; readonly plan: Plan }
  | {
      readonly kind: 'shrink'
      readonly scenario: string
      readonly check: string
      readonly seedsMax: number
      readonly triesMax: number
    }

/** The plan that was lived last, and what came of it; `undefined` if no seed fails that check. */
export type Answer = { readonly plan: Plan; readonly outcome: SimOutcome } | undefined

parentPort?.postMessage(answerTo(workerData as Task))

function answerTo(task: Task): Answer {
  if (task.kind === 'replay') return { plan: task.plan, outcome: simulate(task.plan) }
  const scenario = scenarioNamed(task.scenario)
  for (let seed = 1; seed <= task.seedsMax; seed += 1) {
    const own = planOf(scenario, seed)
    if (simulate(own).failure?.check !== task.check) continue
    const { plan } = shrink(own, task.check, task.triesMax)
    return { plan, outcome: simulate(plan) }
  }
  return undefined
}
