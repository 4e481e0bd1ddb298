import { Args } from '@oclif/core'
import { type AdapterDetail, showAdapter } from '../../../tasks/list-adapters.ts'
import * as flags from '../../flags.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

export default class AdapterInfo extends RaftmarkCommand {
  static override summary = 'Shows what a raft or a store claims, and how it is started.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> event',
    '<%= config.bin %> <%= command.id %> store/wal',
  ]
  static override args = {
    name: Args.string({ required: true, description: 'Name of a raft, or store/NAME.' }),
  }
  static override flags = { adapter: flags.adapter }

  async run(): Promise<AdapterDetail> {
    const { args, flags: given } = await this.parse(AdapterInfo)
    const detail = await showAdapter(given.adapter ?? [], args.name)
    this.log(JSON.stringify(detail, undefined, 2))
    return detail
  }
}
