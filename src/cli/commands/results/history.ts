import { Args, Flags } from '@oclif/core'
import { historyPage } from '../../../report/html/history-page.ts'
import { renderHistory } from '../../../report/terminal-history.ts'
import { type ResultHistory, resultHistory } from '../../../tasks/result-history.ts'
import * as flags from '../../flags.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

export default class ResultsHistory extends RaftmarkCommand {
  static override summary = 'Shows a figure of a subject over all experiments, with its changes.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> event/wal steady',
    '<%= config.bin %> <%= command.id %> event/wal steady --metric responseMs.p99 --json',
    '<%= config.bin %> <%= command.id %> event/wal steady -o history.html',
  ]
  static override args = {
    subject: Args.string({ required: true, description: 'Like event/wal.' }),
    workload: Args.string({ required: true, description: 'Like steady.' }),
  }
  static override flags = {
    results: flags.results,
    metric: Flags.string({
      summary: 'Which figure.',
      default: 'responseMs.p50',
      helpValue: 'NAME',
    }),
    format: Flags.option({
      summary: 'How to print it; html when the output file ends so.',
      options: ['terminal', 'html'] as const,
    })(),
    output: flags.output,
  }

  async run(): Promise<ResultHistory> {
    const { args, flags: given } = await this.parse(ResultsHistory)
    const history = resultHistory({ ...args, ...given })
    const format = given.format ?? (given.output?.endsWith('.html') ? 'html' : 'terminal')
    await this.show(format === 'html' ? historyPage(history) : renderHistory(history), given.output)
    return history
  }
}
