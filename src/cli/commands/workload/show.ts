import { Args } from '@oclif/core'
import { showWorkload, type WorkloadDetail } from '../../../tasks/list-workloads.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

export default class WorkloadShow extends RaftmarkCommand {
  static override summary = 'Shows a suite, or a workload with all its defaults filled in.'
  static override examples = ['<%= config.bin %> <%= command.id %> steady']
  static override args = {
    name: Args.string({ required: true, description: 'Name, or path of a .yaml file.' }),
  }

  async run(): Promise<WorkloadDetail> {
    const { args } = await this.parse(WorkloadShow)
    const detail = await showWorkload(args.name)
    this.log(JSON.stringify(detail, undefined, 2))
    return detail
  }
}
