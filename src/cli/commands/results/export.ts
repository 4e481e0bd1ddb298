import { Args, Flags } from '@oclif/core'
import type { RunRecord } from '../../../judgement/history/run-record.ts'
import { runTable } from '../../../report/experiment-tables.ts'
import { csvTable } from '../../../report/table-text.ts'
import { findRuns, histogramLogs } from '../../../tasks/maintain-results.ts'
import * as flags from '../../flags.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

type Exported = { readonly schema: 'raftmark/runs/1'; readonly runs: readonly RunRecord[] }

export default class ResultsExport extends RaftmarkCommand {
  static override summary = 'Prints saved runs as CSV, JSON or HdrHistogram logs.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> last --format csv > runs.csv',
    '<%= config.bin %> <%= command.id %> --subject event/wal --workload steady --format hlog',
  ]
  static override args = {
    experiment: Args.string({ description: 'An experiment’s id, or last; all without it.' }),
  }
  static override flags = {
    results: flags.results,
    subject: Flags.string({ summary: 'Only runs of this subject.', helpValue: 'SUBJECT' }),
    workload: Flags.string({ summary: 'Only runs of this workload.', helpValue: 'NAME' }),
    format: Flags.option({
      summary: 'One row for each run, whole records, or interval histograms.',
      options: ['csv', 'json', 'hlog'] as const,
      default: 'csv' as const,
    })(),
  }

  async run(): Promise<Exported> {
    const { args, flags: given } = await this.parse(ResultsExport)
    const runs = findRuns(given.results, {
      experiment: args.experiment,
      subject: given.subject,
      workload: given.workload,
    })
    const exported = { schema: 'raftmark/runs/1', runs } as const
    if (given.format === 'csv') this.log(csvTable(runTable(runs)))
    if (given.format === 'json') this.log(JSON.stringify(exported, undefined, 2))
    if (given.format === 'hlog') this.log(histogramLogs(given.results, runs).join('\n'))
    return exported
  }
}
