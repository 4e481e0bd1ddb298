import { Args } from '@oclif/core'
import { renderExplanation } from '../../report/scorecard-details.ts'
import { type Explanation, explainRaft } from '../../tasks/explain.ts'
import { results } from '../flags.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'
import { evidence, profile } from '../scorecard-flags.ts'

export default class Explain extends RaftmarkCommand {
  static override summary = 'Explains a scorecard: total, criterion, evidence, source, dates.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> openraft stability',
    '<%= config.bin %> <%= command.id %> raft-rs --profile metadata-store',
  ]
  static override args = {
    raft: Args.string({ required: true, description: 'Name of a Raft.' }),
    criterion: Args.string({ description: 'One criterion; all when none is given.' }),
  }
  static override flags = { profile, evidence, results }

  async run(): Promise<Explanation> {
    const { args, flags: given } = await this.parse(Explain)
    const explanation = await explainRaft(args.raft, args.criterion, given)
    this.log(renderExplanation(explanation))
    return explanation
  }
}
