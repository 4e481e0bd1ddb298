import { Args } from '@oclif/core'
import type { Scorecard } from '../../judgement/score/scorecard.ts'
import { renderScorecards } from '../../report/scorecard-terminal.ts'
import { type ScorecardSet, scorecardsOf } from '../../tasks/scorecard.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'
import { evidence, profile, results } from '../scorecard-flags.ts'

export default class ScorecardCommand extends RaftmarkCommand {
  static override summary = 'Shows how ready Rafts are, cell by cell, with the evidence.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> openraft --profile chronik',
    '<%= config.bin %> <%= command.id %> tick event raft-rs openraft',
    '<%= config.bin %> <%= command.id %> openraft --evidence scorecards/fixtures/original --json',
  ]
  static override strict = false
  static override args = {
    raft: Args.string({ description: 'Rafts; all that have evidence when none is given.' }),
  }
  static override flags = { profile, evidence, results }

  async run(): Promise<Scorecard | ScorecardSet> {
    const { argv, flags: given } = await this.parse(ScorecardCommand)
    const set = await scorecardsOf(argv.map(String), given)
    this.log(renderScorecards(set))
    const [first, ...others] = set.scorecards
    return first !== undefined && others.length === 0 && argv.length === 1 ? first : set
  }
}
