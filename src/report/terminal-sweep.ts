import type {
  ExperimentDocument,
  ExperimentResult,
  MetricComparison,
} from '../judgement/history/experiment-record.ts'
import { type Sweep, sweepComparisons, sweepFigures } from './sweep-tables.ts'
import { textTable, wrapped } from './text-table.ts'

const KEY_WIDTH = 9
/** All seven figures of a row, subject first; and the six of a comparison. */
const FIGURE_WIDTHS = [15, 9, 9, 9, 9, 6]
const COMPARISON_WIDTHS = [10, 7, 12, 12, 9, 8]

/** All cases of a sweep in one table: its curve, or its map. */
export function sweepSection(sweep: Sweep, results: readonly ExperimentResult[]): string {
  const { head, rows } = sweepFigures(sweep, results)
  const gates = results.filter(({ workload, rankable }) => {
    return !rankable && sweep.cases.some(({ name }) => name === workload)
  })
  return [
    `${sweep.file} · ${sweep.cases.length} cases of ${sweep.keys.join(', ')}`,
    wrapped(sweep.question, ''),
    textTable(head.map(broken), rows, { widths: widthsOf(sweep, FIGURE_WIDTHS) }),
    ...(gates.length === 0 ? [] : [`${gates.length} of ${rows.length} rows are not ranked`]),
    '',
  ].join('\n')
}

export function sweepComparison(
  sweep: Sweep,
  comparisons: readonly MetricComparison[],
): readonly string[] {
  const { head, rows } = sweepComparisons(sweep, comparisons)
  if (rows.length === 0) return []
  return [textTable(head.map(broken), rows, { widths: widthsOf(sweep, COMPARISON_WIDTHS) })]
}

/** Comparisons that no sweep shows. */
export const apartFrom = (
  sweeps: readonly Sweep[],
  comparisons: ExperimentDocument['comparisons'],
): readonly MetricComparison[] => {
  const shown = new Set(sweeps.flatMap(({ cases }) => cases.map(({ name }) => name)))
  return comparisons.filter(({ workload }) => !shown.has(workload))
}

const widthsOf = ({ keys }: Sweep, widths: readonly number[]): readonly number[] => [
  ...keys.map(() => KEY_WIDTH),
  ...widths,
]

/** `syncDelayMs` breaks where a narrow column can break it. */
const broken = (head: string): string => head.replace(/([a-z])([A-Z])/g, '$1- $2')
