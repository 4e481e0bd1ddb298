import { type Prng, prngFromSeed } from '../base/prng.ts'
import type { PlannedRun } from '../judgement/history/experiment-record.ts'

/** What one cluster carries, in turn: one run, or several of a part with a shared cluster. */
export type Lane = readonly { readonly workload: string; readonly subject: string }[]

/** What is compared within a round: the same workloads, carried by one lane for each subject. */
export type PlanUnit = { readonly rounds: number; readonly lanes: readonly Lane[] }

/**
 * Every run in the order in which it happens: round by round, in each the units in random order,
 * and in each of these its subjects in random order, so that the two sides of a comparison stand
 * next to each other in time. All subjects of one round and workload share a seed, hence their
 * arrivals.
 */
export function planExperiment(
  experiment: string,
  seed: number,
  units: readonly PlanUnit[],
): readonly PlannedRun[] {
  const roundCount = Math.max(0, ...units.map(({ rounds }) => rounds))
  const runs: PlannedRun[] = []
  for (let round = 1; round <= roundCount; round += 1) {
    const prng = prngFromSeed(seed).fork(`round ${round}`)
    const now = units.filter(({ rounds }) => rounds >= round)
    for (const [unitAt, { lanes }] of shuffled(now, prng.fork('units')).entries()) {
      for (const [laneAt, lane] of shuffled(lanes, prng.fork(`lanes of ${unitAt}`)).entries()) {
        const cluster = `r${round}.u${unitAt + 1}.s${laneAt + 1}`
        for (const { workload, subject } of lane) {
          const id = `${experiment}.${String(runs.length + 1).padStart(3, '0')}`
          const runSeed = prng.fork(`seed of ${workload}`).below(2 ** 32)
          runs.push({ id, round, workload, subject, seed: runSeed, cluster })
        }
      }
    }
  }
  return runs
}

/** Fisher–Yates. */
function shuffled<T>(items: readonly T[], prng: Prng): readonly T[] {
  const order = [...items]
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = prng.below(at + 1)
    const here = order[at] as T
    order[at] = order[other] as T
    order[other] = here
  }
  return order
}
