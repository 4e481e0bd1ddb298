import { Args, Flags } from '@oclif/core'
import type { ExperimentDocument } from '../../judgement/history/experiment-record.ts'
import { renderReport, reportFormats } from '../../report/render-report.ts'
import { showExperiment } from '../../tasks/list-results.ts'
import * as flags from '../flags.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'

export default class Report extends RaftmarkCommand {
  static override summary = 'Prints a saved experiment for a terminal, a page or another program.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> last --format markdown > report.md',
    '<%= config.bin %> <%= command.id %> 20261122-143312-1a2b --format json > baseline.json',
  ]
  static override args = {
    experiment: Args.string({ default: 'last', description: 'An experiment’s id, or last.' }),
  }
  static override flags = {
    results: flags.results,
    format: Flags.option({
      summary: 'How to print it; csv has one row for each workload × subject.',
      options: reportFormats,
      default: 'terminal' as const,
    })(),
  }

  async run(): Promise<ExperimentDocument> {
    const { args, flags: given } = await this.parse(Report)
    const document = showExperiment(given.results, args.experiment)
    this.log(renderReport(document, given.format))
    return document
  }
}
