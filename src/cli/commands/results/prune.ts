import { type Pruned, pruneResults } from '../../../tasks/maintain-results.ts'
import * as flags from '../../flags.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

export default class ResultsPrune extends RaftmarkCommand {
  static override summary = 'Removes old experiments with the folders of their runs.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --keep 20 --plan',
    '<%= config.bin %> <%= command.id %> --keep 20',
  ]
  static override flags = { results: flags.results, keep: flags.keep, plan: flags.plan }

  async run(): Promise<Pruned> {
    const { flags: given } = await this.parse(ResultsPrune)
    const pruned = pruneResults(given.results, given.keep, given.plan)
    const what = `${pruned.experiments.length} experiments with ${pruned.runs} runs`
    this.log(pruned.planOnly ? `would remove ${what}` : `removed ${what}`)
    return pruned
  }
}
