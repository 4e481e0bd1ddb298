import { textTable } from '../../../report/text-table.ts'
import { listResults, type ResultList } from '../../../tasks/list-results.ts'
import * as flags from '../../flags.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

export default class ResultsList extends RaftmarkCommand {
  static override summary = 'Lists the saved experiments, and names what cannot be read.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { results: flags.results }

  async run(): Promise<ResultList> {
    const { flags: given } = await this.parse(ResultsList)
    const list = listResults(given.results)
    const rows = list.experiments.map(({ id, name, subjects, runsDone, runsPlanned }) => [
      id,
      name,
      subjects.join(' '),
      `${runsDone}/${runsPlanned}`,
    ])
    const head = ['experiment', 'name', 'subjects', 'runs']
    this.log(textTable(head, rows, { left: true, widths: [24, 14, 28, 9] }))
    for (const { id, reason } of list.damaged) this.logToStderr(`${id}: ${reason}`)
    return list
  }
}
