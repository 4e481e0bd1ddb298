import type {
  ExperimentDocument,
  MetricComparison,
} from '../judgement/history/experiment-record.ts'

import { metricLabel } from './experiment-tables.ts'

/** The one sentence that somebody reads who reads no more. */
export function summarySentence(document: ExperimentDocument): string {
  const { verdict, comparisons, runsDone } = document
  if (runsDone === 0) return 'Nothing was measured.'
  if (verdict === 'invalid') return 'A correctness check failed: no figure here counts.'
  if (verdict === 'unknown') return 'Correctness could not be decided for every run.'
  if (comparisons.length === 0) return 'All records were read back; nothing was compared.'
  const primary = comparisons.filter(({ role }) => role === 'primary')
  const decided = primary.filter(isDifferent)
  const rest = restOf(comparisons)
  if (decided.length === 0) {
    return `All records were read back; no declared difference was proven (${rest}).`
  }
  const said = decided.length > NAMED_MAX ? countedByPair(primary) : decided.map(named)
  return `All records were read back; ${said.join('; ')} (${rest}).`
}

/** More differences than these are counted: a sweep has dozens. */
const NAMED_MAX = 3

const named = ({ workload, b, a, metric, verdict }: MetricComparison): string =>
  `${b} is ${verdict} than ${a} in ${workload} ${metricLabel(metric)}`

function countedByPair(primary: readonly MetricComparison[]): readonly string[] {
  const pairs = new Map(primary.map(({ a, b }) => [JSON.stringify([a, b]), { a, b }]))
  return [...pairs.values()].flatMap(({ a, b }) => {
    const own = primary.filter((one) => one.a === a && one.b === b)
    const count = (wanted: MetricComparison['verdict']) =>
      own.filter(({ verdict }) => verdict === wanted).length
    if (!own.some(isDifferent)) return []
    const worse = count('worse') === 0 ? '' : `, worse in ${count('worse')}`
    const share = `${count('better')} of ${own.length} declared comparisons`
    return [`${b} is better than ${a} in ${share}${worse}`]
  })
}

function restOf(comparisons: readonly MetricComparison[]): string {
  const primary = comparisons.filter(({ role }) => role === 'primary')
  const secondary = comparisons.filter(({ role }) => role === 'secondary')
  const count = (wanted: MetricComparison['verdict']) =>
    primary.filter((comparison) => comparison.verdict === wanted).length
  const rest = `${count('equivalent')} equivalent, ${count('undecided')} undecided`
  if (secondary.length === 0) return rest
  const differing = secondary.filter(isDifferent).length
  return `${rest}; of ${secondary.length} secondary comparisons ${differing} differ`
}

const isDifferent = ({ verdict }: MetricComparison): boolean =>
  verdict === 'better' || verdict === 'worse'
