import { Args, Flags } from '@oclif/core'
import type { ExperimentDocument } from '../../judgement/history/experiment-record.ts'
import { openFile } from '../../os/open-file.ts'
import { type ReportFormat, reportFormats } from '../../report/render-report.ts'
import { defaultReportFile, writeReport } from '../../tasks/write-report.ts'
import * as flags from '../flags.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'

export default class Report extends RaftmarkCommand {
  static override summary = 'Prints a saved experiment for a terminal, a page or another program.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> last --open',
    '<%= config.bin %> <%= command.id %> last --format html -o report.html',
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
    })(),
    output: flags.output,
    open: Flags.boolean({ summary: 'Show the HTML page in a browser.' }),
  }

  async run(): Promise<ExperimentDocument> {
    const { args, flags: given } = await this.parse(Report)
    const format = formatOf(given)
    const { document, text } = writeReport(given.results, args.experiment, format)
    const file =
      given.output ?? (given.open ? defaultReportFile(given.results, document.id) : undefined)
    await this.show(text, file)
    if (given.open && file !== undefined) await openFile(file)
    return document
  }
}

function formatOf(given: {
  readonly format: ReportFormat | undefined
  readonly output: string | undefined
  readonly open: boolean
}): ReportFormat {
  const isPage = given.open || given.output?.endsWith('.html') === true
  return given.format ?? (isPage ? 'html' : 'terminal')
}
