import { textTable } from '../../../report/text-table.ts'
import { type WorkloadList as List, listWorkloads } from '../../../tasks/list-workloads.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

export default class WorkloadList extends RaftmarkCommand {
  static override summary = 'Lists the suites and workloads that can be run, with their questions.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<List> {
    await this.parse(WorkloadList)
    const list = await listWorkloads()
    const rows = [
      ...list.suites.map(({ name, question }) => [name, 'suite', question]),
      ...list.workloads.map(({ name, question }) => [name, 'workload', question]),
    ]
    this.log(textTable(['name', 'kind', 'question'], rows, { widths: [16, 10, 50], left: true }))
    return list
  }
}
