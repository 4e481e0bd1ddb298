import type { ComparisonDocument } from '../judgement/history/experiment-record.ts'
import { comparisonTable } from './experiment-tables.ts'
import { textTable, wrapped } from './text-table.ts'

export const COMPARISON_WIDTHS = [11, 12, 7, 12, 12, 9, 8]

export function renderComparison(document: ComparisonDocument): string {
  const { head, rows } = comparisonTable(document.metrics)
  return [
    wrapped(`B is ${document.b}, measured against A, ${document.a}.`, ''),
    ...(document.paired ? [] : [wrapped('The experiments share no rounds: no verdict.', '')]),
    ...document.forced.map((reason) => `Forced although ${reason}.`),
    textTable(head, rows, { widths: COMPARISON_WIDTHS }),
    ...document.conclusions.map((sentence) => wrapped(`- ${sentence}`)),
    ...document.thresholds.map(({ expression, workload, outcome, reason }) =>
      wrapped(`${outcome}: ${expression} in ${workload} (${reason})`),
    ),
  ].join('\n')
}
