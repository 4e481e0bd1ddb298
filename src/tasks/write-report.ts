import { join } from 'node:path'
import type { ExperimentDocument } from '../judgement/history/experiment-record.ts'
import { experimentPage } from '../report/html/experiment-page.ts'
import { type ReportFormat, renderReport } from '../report/render-report.ts'
import { viewExperiment } from './experiment-view.ts'
import { showExperiment } from './list-results.ts'

/** A saved experiment in one format; `last` is the newest one. Throws `result-not-found`. */
export function writeReport(
  results: string,
  experiment: string,
  format: ReportFormat,
): { readonly document: ExperimentDocument; readonly text: string } {
  if (format === 'html') {
    const view = viewExperiment(results, experiment)
    return { document: view.document, text: experimentPage(view) }
  }
  const document = showExperiment(results, experiment)
  return { document, text: renderReport(document, format) }
}

/** Where the page of an experiment goes when nobody says where. */
export const defaultReportFile = (results: string, experiment: string): string =>
  join(results, 'experiments', experiment, 'report.html')
