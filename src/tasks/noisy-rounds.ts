import type { DroppedRound } from '../judgement/history/experiment-record.ts'
import type { Gate, RunRecord } from '../judgement/history/run-record.ts'
import { noiseGates } from './measurement-gates.ts'

/**
 * The rounds of a workload in which something foreign disturbed a run. They are dropped whole: the
 * subjects that had luck in such a round would be held against others that had none.
 */
export function noisyRounds(runs: readonly RunRecord[]): readonly DroppedRound[] {
  const dropped = new Map<string, DroppedRound>()
  for (const { id, workload, round, gates } of runs) {
    const noise = gates.filter(({ name, held }) => noiseGates.includes(name) && !held)
    const key = `${round} ${workload}`
    if (noise.length === 0 || dropped.has(key)) continue
    dropped.set(key, { workload, round, run: id, reason: noise.map(textOf).join(', ') })
  }
  return [...dropped.values()]
}

/** Why this run is left out although it held its own gates; `undefined` if it is not. */
export const droppedWith = (
  { workload, round }: RunRecord,
  dropped: readonly DroppedRound[],
): DroppedRound | undefined =>
  dropped.find((one) => one.workload === workload && one.round === round)

const textOf = ({ name, value, limit, unit }: Gate): string =>
  `${name} ${Number(value.toPrecision(3))} of ${Number(limit.toPrecision(3))} ${unit}`
