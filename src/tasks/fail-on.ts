import { RaftmarkError } from '../base/errors.ts'
import type { MetricComparison, ThresholdResult } from '../judgement/history/experiment-record.ts'
import { metricNames } from './compared-metrics.ts'
import { didYouMean } from './nearest-name.ts'

/** `p99 +5%`: fails when b's p99 is surely more than 5 % above a's; `-` is the other side. */
export type Threshold = {
  readonly expression: string
  readonly metric: string
  /** The ratio B ÷ A at the threshold. */
  readonly ratio: number
}

/** Short names for daily use. */
const aliases: Readonly<Record<string, string>> = {
  p50: 'responseMs.p50',
  p99: 'responseMs.p99',
  cpu: 'cpuMicrosPerRecord.leader',
  throughput: 'achievedPerSecond',
}

const GRAMMAR = /^(?<metric>[A-Za-z0-9.]+)\s*(?<sign>[+-])\s*(?<percent>\d+(\.\d+)?)\s*%$/

/** Throws `flag-invalid` for what does not parse and for a metric that does not exist. */
export function parseThreshold(expression: string): Threshold {
  const parts = GRAMMAR.exec(expression.trim())?.groups
  const written = parts?.['metric']
  if (parts === undefined || written === undefined) {
    throw new RaftmarkError('flag-invalid', `--fail-on "${expression}" cannot be read`, {
      nextStep: "write METRIC +N% or METRIC -N%, for example 'p99 +5%'",
    })
  }
  const metric = aliases[written] ?? written
  if (!metricNames.includes(metric)) {
    throw new RaftmarkError('flag-invalid', `--fail-on: there is no metric ${written}`, {
      nextStep: didYouMean(written, [...Object.keys(aliases), ...metricNames]),
    })
  }
  const share = Number(parts['percent']) / 100
  if (parts['sign'] === '-' && share >= 1) {
    throw new RaftmarkError('flag-invalid', `--fail-on "${expression}" can never happen`, {
      nextStep: 'give less than 100 %',
    })
  }
  return { expression, metric, ratio: parts['sign'] === '+' ? 1 + share : 1 - share }
}

export const parseThresholds = (expressions: readonly string[]): readonly Threshold[] =>
  expressions.map(parseThreshold)

/**
 * One result for each comparison of the threshold's metric. It fails only when the whole interval
 * lies beyond: noise alone must not break a build, and too few rounds break none.
 */
export function applyThresholds(
  thresholds: readonly Threshold[],
  comparisons: readonly MetricComparison[],
): readonly ThresholdResult[] {
  return thresholds.flatMap((threshold) =>
    comparisons
      .filter(({ metric }) => metric === threshold.metric)
      .map((comparison) => resultOf(threshold, comparison)),
  )
}

function resultOf(
  { expression, metric, ratio }: Threshold,
  { workload, low, high, rounds }: MetricComparison,
): ThresholdResult {
  const found = { expression, workload, metric }
  if (low === null || high === null) {
    return { ...found, outcome: 'undecided', reason: `${rounds} rounds give no interval` }
  }
  const interval = `the interval is ${low.toFixed(3)} to ${high.toFixed(3)}`
  const isBeyond = ratio >= 1 ? low > ratio : high < ratio
  const isWithin = ratio >= 1 ? high <= ratio : low >= ratio
  if (isBeyond) return { ...found, outcome: 'failed', reason: interval }
  return { ...found, outcome: isWithin ? 'held' : 'undecided', reason: interval }
}
