import type { Workload } from '../experiment/workload/workload.ts'
import type { RateSummary } from '../judgement/history/experiment-record.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import { ROUNDS_MIN } from '../judgement/stats/detectable.ts'
import { medianOf } from '../judgement/stats/quantile.ts'
import { signedRankInterval } from '../judgement/stats/signed-rank.ts'

/** The rates that runs of one cell found; null where none was searched. */
export function rateSummaryOf(runs: readonly RunRecord[]): RateSummary | null {
  const [first] = runs
  const { arrival } = (first?.resolvedWorkload ?? {}) as Partial<Pick<Workload, 'arrival'>>
  if (arrival?.kind !== 'search') return null
  const held = runs.flatMap(({ figures: { search } }) => (search?.hasHeld ? [search] : []))
  const rates = held.map(({ ratePerSecond }) => ratePerSecond)
  const interval =
    rates.length < ROUNDS_MIN ? undefined : signedRankInterval(rates.map(Math.log), 0.95)
  return {
    ratePerSecond: rates.length === 0 ? null : medianOf(rates),
    low: interval === undefined ? null : Math.exp(interval.low),
    high: interval === undefined ? null : Math.exp(interval.high),
    held: held.length,
    confirmed: held.filter(({ isConfirmed }) => isConfirmed).length,
    measureRatio: arrival.measureRatio,
  }
}
