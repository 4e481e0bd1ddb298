import { Args, Flags } from '@oclif/core'
import { renderReconsideration } from '../../report/scorecard-details.ts'
import { type ReconsiderationReport, reconsiderRaft } from '../../tasks/reconsider.ts'
import { exitCodes } from '../errors.ts'
import { results } from '../flags.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'
import { evidence, profile } from '../scorecard-flags.ts'

export default class Reconsider extends RaftmarkCommand {
  static override summary = 'Says what would change the verdict about a Raft, and how far it is.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> openraft',
    '<%= config.bin %> <%= command.id %> openraft --require',
  ]
  static override args = { raft: Args.string({ required: true, description: 'Name of a Raft.' }) }
  static override flags = {
    profile,
    evidence,
    results,
    require: Flags.boolean({ summary: 'Exit with 1 unless all criteria are met: for use in CI.' }),
  }

  async run(): Promise<ReconsiderationReport> {
    const { args, flags: given } = await this.parse(Reconsider)
    const report = await reconsiderRaft(args.raft, given)
    this.log(renderReconsideration(report))
    if (given.require && report.met < report.criteria.length) process.exitCode = exitCodes.failed
    return report
  }
}
