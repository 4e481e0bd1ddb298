import type { ResultList } from '../../../tasks/list-results.ts'
import { rebuildResults } from '../../../tasks/maintain-results.ts'
import * as flags from '../../flags.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

export default class ResultsRebuild extends RaftmarkCommand {
  static override summary = 'Makes the database of results anew from the folders.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { results: flags.results }

  async run(): Promise<ResultList> {
    const { flags: given } = await this.parse(ResultsRebuild)
    const list = rebuildResults(given.results)
    const runs = list.experiments.reduce((sum, { runsDone }) => sum + runsDone, 0)
    this.log(`${list.experiments.length} experiments, ${runs} runs`)
    for (const { id, reason } of list.damaged) this.logToStderr(`${id}: ${reason}`)
    return list
  }
}
