import type {
  ExperimentResult,
  MetricComparison,
  RunValue,
} from '../judgement/history/experiment-record.ts'
import { adjustFamily, comparePaired, margins } from '../judgement/stats/compare-paired.ts'

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

/** All declared metrics of every workload that both carried, as one family. */
export function compareResults(
  results: readonly ExperimentResult[],
  a: string,
  b: string,
): readonly MetricComparison[] {
  const family = pairsOf(results, a, b).flatMap((pair) =>
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

type Pair = { readonly a: ExperimentResult; readonly b: ExperimentResult }

/** Only results of one promised durability are held against each other. */
function pairsOf(results: readonly ExperimentResult[], a: string, b: string): readonly Pair[] {
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

function answer({ a, b }: Pair, metric: Metric) {
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
