import type { ExperimentDocument } from '../judgement/history/experiment-record.ts'
import { resultTable } from './experiment-tables.ts'
import { renderMarkdown } from './markdown-experiment.ts'
import { csvTable } from './table-text.ts'
import { renderExperiment } from './terminal-experiment.ts'

export const reportFormats = ['terminal', 'markdown', 'html', 'csv', 'json'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** All but the HTML page, which shows more than the document holds: `experimentPage`. */
export function renderReport(
  document: ExperimentDocument,
  format: Exclude<ReportFormat, 'html'>,
): string {
  switch (format) {
    case 'terminal':
      return renderExperiment(document)
    case 'markdown':
      return renderMarkdown(document)
    case 'csv':
      return csvTable(resultTable(document.results))
    case 'json':
      return JSON.stringify(document, undefined, 2)
  }
}
