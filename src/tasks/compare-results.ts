import type {
  ExperimentResult,
  MetricComparison,
  PrimaryMetric,
} from '../judgement/history/experiment-record.ts'
import {
  type AdjustedComparison,
  adjustFamily,
  comparePaired,
  exploreFamily,
  type PairedComparison,
} from '../judgement/stats/compare-paired.ts'
import { compareUnpaired } from '../judgement/stats/compare-unpaired.ts'
import { loopOfResult, type Metric, metricsOf } from './compared-metrics.ts'

/** All metrics of every workload that both carried. */
export function compareResults(
  results: readonly ExperimentResult[],
  primary: readonly PrimaryMetric[],
  a: string,
  b: string,
): readonly MetricComparison[] {
  return comparePairs(pairsOf(results, a, b), primary)
}

/** Two results that ran in the same rounds. */
export type ResultPair = { readonly a: ExperimentResult; readonly b: ExperimentResult }

export function comparePairs(
  pairs: readonly ResultPair[],
  primary: readonly PrimaryMetric[],
): readonly MetricComparison[] {
  const asked = pairs.flatMap((pair) =>
    metricsOf(loopOfResult(pair.a)).map((metric) => ({
      workload: pair.a.workload,
      a: pair.a.subject,
      b: pair.b.subject,
      metric,
      found: answer(pair, metric),
    })),
  )
  return judgeTogether(asked, primary)
}

/** One metric of one workload, compared on its own. */
export type Compared = {
  readonly workload: string
  readonly a: string
  readonly b: string
  readonly metric: Metric
  readonly found: PairedComparison
}

/** The primary metrics are one family, tested; the others another one, explored. In order. */
export function judgeTogether(
  asked: readonly Compared[],
  primary: readonly PrimaryMetric[],
): readonly MetricComparison[] {
  const members = asked.map((one) => ({ ...one, role: roleOf(primary, one.workload, one.metric) }))
  const adjusted = new Map([
    ...adjustedBy(adjustFamily, members, 'primary'),
    ...adjustedBy(exploreFamily, members, 'secondary'),
  ])
  return members.map((member) => {
    const { workload, a, b, metric, role, found: unadjusted } = member
    const found = adjusted.get(member) ?? { ...unadjusted, pAdjusted: 1, familySize: 0 }
    return {
      workload,
      a,
      b,
      metric: metric.name,
      role,
      unit: 'ratio',
      estimate: found.estimate ?? null,
      low: found.low ?? null,
      high: found.high ?? null,
      verdict: found.verdict,
      margin: found.margin,
      pAdjusted: found.pAdjusted,
      familySize: found.familySize,
      detectable: found.detectable ?? null,
      noise: null,
      rounds: found.rounds,
      roundsDropped: found.roundsIncomplete,
      reason: found.reason,
    }
  })
}

type Role = MetricComparison['role']

type Member = { readonly role: Role; readonly found: PairedComparison }

function adjustedBy<T extends Member>(
  adjust: (comparisons: readonly PairedComparison[]) => readonly AdjustedComparison[],
  members: readonly T[],
  role: Role,
): readonly (readonly [T, AdjustedComparison])[] {
  const family = members.filter((member) => member.role === role)
  const adjusted = adjust(family.map(({ found }) => found))
  return family.flatMap((member, at) => {
    const found = adjusted[at]
    return found === undefined ? [] : [[member, found] as const]
  })
}

const roleOf = (primary: readonly PrimaryMetric[], workload: string, { name }: Metric): Role =>
  primary.some((one) => one.workload === workload && one.metric === name) ? 'primary' : 'secondary'

/**
 * Results of different experiments: no rounds are shared, so drift of the machine is in the
 * interval and no verdict is given.
 */
export function compareAcross(
  pairs: readonly ResultPair[],
  primary: readonly PrimaryMetric[],
): readonly MetricComparison[] {
  return pairs.flatMap((pair) =>
    metricsOf(loopOfResult(pair.a)).map((metric) =>
      acrossBy(pair, metric, roleOf(primary, pair.a.workload, metric)),
    ),
  )
}

function acrossBy({ a, b }: ResultPair, metric: Metric, role: Role): MetricComparison {
  const valuesOf = ({ perRun }: ExperimentResult) =>
    perRun.flatMap((run) => {
      const value = run.rankable ? metric.of(run) : null
      return value !== null && value > 0 ? [value] : []
    })
  const [before, after] = [valuesOf(a), valuesOf(b)]
  const found = before.length > 0 && after.length > 0 ? compareUnpaired(before, after) : undefined
  return {
    workload: a.workload,
    a: a.subject,
    b: b.subject,
    metric: metric.name,
    role,
    unit: 'ratio',
    estimate: found?.estimate ?? null,
    low: found?.low ?? null,
    high: found?.high ?? null,
    verdict: 'undecided',
    margin: metric.margin,
    pAdjusted: found?.p ?? 1,
    familySize: 1,
    detectable: null,
    noise: null,
    rounds: Math.min(before.length, after.length),
    roundsDropped: a.perRun.length + b.perRun.length - before.length - after.length,
    reason:
      found === undefined
        ? 'one side has no rankable run'
        : 'no shared rounds: a drift of the machine and a difference look alike',
  }
}

/** Only results of one promised durability are held against each other. */
function pairsOf(
  results: readonly ExperimentResult[],
  a: string,
  b: string,
): readonly ResultPair[] {
  return results
    .filter((result) => result.subject === a)
    .flatMap((left) => {
      const right = results.find(
        (other) =>
          other.subject === b &&
          other.workload === left.workload &&
          other.claimedDurability === left.claimedDurability,
      )
      return right === undefined ? [] : [{ a: left, b: right }]
    })
}

function answer({ a, b }: ResultPair, metric: Metric) {
  const rounds = [...new Set([...a.perRun, ...b.perRun].map(({ round }) => round))].sort(
    (one, other) => one - other,
  )
  return comparePaired({
    pairs: rounds.map((round) => ({
      a: valueInRound(a, round, metric),
      b: valueInRound(b, round, metric),
    })),
    margin: metric.margin,
    better: metric.better,
  })
}

/** What a result showed in a round; `undefined` without a rankable run or without the figure. */
export function valueInRound(
  result: ExperimentResult,
  round: number,
  metric: Metric,
): number | undefined {
  const run = result.perRun.find((one) => one.round === round && one.rankable)
  return run === undefined ? undefined : (metric.of(run) ?? undefined)
}
