import { type Prng, prngFromSeed } from '../base/prng.ts'
import type { PlannedRun } from '../judgement/history/experiment-record.ts'

export type PlanCell = {
  readonly workload: string
  /** How often each subject runs it. */
  readonly rounds: number
  readonly subjects: readonly string[]
}

/**
 * Every run in the order in which it happens: round by round, in each the workloads in random
 * order, and in each of these its subjects in random order, so that the two sides of a comparison
 * stand next to each other in time. All subjects of one round and workload share a seed, hence
 * their arrivals.
 */
export function planExperiment(
  experiment: string,
  seed: number,
  cells: readonly PlanCell[],
): readonly PlannedRun[] {
  const roundCount = Math.max(0, ...cells.map(({ rounds }) => rounds))
  const runs: PlannedRun[] = []
  for (let round = 1; round <= roundCount; round += 1) {
    const prng = prngFromSeed(seed).fork(`round ${round}`)
    const now = cells.filter(({ rounds }) => rounds >= round)
    for (const { workload, subjects } of shuffled(now, prng.fork('workloads'))) {
      const runSeed = prng.fork(`seed of ${workload}`).below(2 ** 32)
      for (const subject of shuffled(subjects, prng.fork(`subjects of ${workload}`))) {
        const id = `${experiment}.${String(runs.length + 1).padStart(3, '0')}`
        runs.push({ id, round, workload, subject, seed: runSeed })
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
