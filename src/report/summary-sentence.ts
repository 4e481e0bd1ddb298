import type {
  ExperimentDocument,
  MetricComparison,
} from '../judgement/history/experiment-record.ts'

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
  const named = decided.map(
    ({ workload, b, a, metric, verdict: found }) =>
      `${b} is ${found} than ${a} in ${workload} ${metric}`,
  )
  return `All records were read back; ${named.join('; ')} (${rest}).`
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
