import type {
  ExperimentResult,
  MetricComparison,
  RunValue,
} from '../judgement/history/experiment-record.ts'
import { adjustFamily, comparePaired, margins } from '../judgement/stats/compare-paired.ts'
import { compareUnpaired } from '../judgement/stats/compare-unpaired.ts'

type Metric = {
  readonly name: string
  readonly better: 'lower' | 'higher'
  readonly margin: number
  readonly of: (run: RunValue) => number | null
}

const latency = (quantile: 'p50' | 'p99', margin: number): Metric => ({
  name: `responseMs.${quantile}`,
  better: 'lower',
  margin,
  of: (run) => run.responseMs[quantile],
})

const cpu = (part: 'leader' | 'followers'): Metric => ({
  name: `cpuMicrosPerRecord.${part}`,
  better: 'lower',
  margin: margins.cpu,
  of: (run) => run.cpuMicrosPerRecord[part],
})

/**
 * What is compared, declared before any run. At a given rate throughput is given, in a closed loop
 * latency is (it follows from the rate), so each loop has its own list.
 */
const declared: Readonly<Record<'open' | 'closed', readonly Metric[]>> = {
  open: [latency('p50', margins.p50), latency('p99', margins.p99), cpu('leader'), cpu('followers')],
  closed: [
    {
      name: 'achievedPerSecond',
      better: 'higher',
      margin: margins.throughput,
      of: (run) => run.achievedPerSecond,
    },
    cpu('leader'),
    cpu('followers'),
  ],
}

/** The names of all metrics that are compared anywhere. */
export const metricNames: readonly string[] = [
  ...new Set(Object.values(declared).flatMap((metrics) => metrics.map(({ name }) => name))),
]

/** The value of a metric in one run; `null` where the run does not have it. */
export function metricOf(name: string, run: RunValue): number | null {
  const metric = [...declared.open, ...declared.closed].find((one) => one.name === name)
  return metric === undefined ? null : metric.of(run)
}

/** All declared metrics of every workload that both carried, as one family. */
export function compareResults(
  results: readonly ExperimentResult[],
  a: string,
  b: string,
): readonly MetricComparison[] {
  return comparePairs(pairsOf(results, a, b))
}

/** Two results that ran in the same rounds. */
export type ResultPair = { readonly a: ExperimentResult; readonly b: ExperimentResult }

export function comparePairs(pairs: readonly ResultPair[]): readonly MetricComparison[] {
  const family = pairs.flatMap((pair) =>
    declared[pair.a.loop].map((metric) => ({ ...pair, metric, answer: answer(pair, metric) })),
  )
  const adjusted = adjustFamily(family.map((member) => member.answer))
  return family.map((member, at) => {
    const found = adjusted[at] ?? { ...member.answer, pAdjusted: 1, familySize: family.length }
    return {
      workload: member.a.workload,
      a: member.a.subject,
      b: member.b.subject,
      metric: member.metric.name,
      unit: 'ratio',
      estimate: found.estimate ?? null,
      low: found.low ?? null,
      high: found.high ?? null,
      verdict: found.verdict,
      margin: found.margin,
      pAdjusted: found.pAdjusted,
      familySize: found.familySize,
      detectable: found.detectable ?? null,
      rounds: found.rounds,
      roundsDropped: found.roundsIncomplete,
      reason: found.reason,
    }
  })
}

/**
 * Results of different experiments: no rounds are shared, so drift of the machine is in the
 * interval and no verdict is given.
 */
export function compareAcross(pairs: readonly ResultPair[]): readonly MetricComparison[] {
  return pairs.flatMap(({ a, b }) => declared[a.loop].map((metric) => acrossBy(a, b, metric)))
}

function acrossBy(a: ExperimentResult, b: ExperimentResult, metric: Metric): MetricComparison {
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
    unit: 'ratio',
    estimate: found?.estimate ?? null,
    low: found?.low ?? null,
    high: found?.high ?? null,
    verdict: 'undecided',
    margin: metric.margin,
    pAdjusted: found?.p ?? 1,
    familySize: 1,
    detectable: null,
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
  const valueIn = (result: ExperimentResult, round: number): number | undefined => {
    const run = result.perRun.find((one) => one.round === round && one.rankable)
    return run === undefined ? undefined : (metric.of(run) ?? undefined)
  }
  return comparePaired({
    pairs: rounds.map((round) => ({ a: valueIn(a, round), b: valueIn(b, round) })),
    margin: metric.margin,
    better: metric.better,
  })
}
