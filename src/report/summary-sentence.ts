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
  const count = (wanted: MetricComparison['verdict']) =>
    comparisons.filter((comparison) => comparison.verdict === wanted).length
  const decided = comparisons.filter(isDifferent)
  if (comparisons.length === 0) return 'All records were read back; nothing was compared.'
  const rest = `${count('equivalent')} equivalent, ${count('undecided')} undecided`
  if (decided.length === 0) {
    return `All records were read back; no difference was proven (${rest}).`
  }
  const named = decided.map(
    ({ workload, b, a, metric, verdict: found }) =>
      `${b} is ${found} than ${a} in ${workload} ${metric}`,
  )
  return `All records were read back; ${named.join('; ')} (${rest}).`
}

const isDifferent = ({ verdict }: MetricComparison): boolean =>
  verdict === 'better' || verdict === 'worse'
