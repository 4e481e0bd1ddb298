import { Args, Flags } from '@oclif/core'
import { renderEvidenceCheck } from '../../../report/scorecard-details.ts'
import { checkEvidence, type EvidenceReport } from '../../../tasks/evidence-check.ts'
import { exitCodes } from '../../errors.ts'
import { results } from '../../flags.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'
import { evidence, profile } from '../../scorecard-flags.ts'

export default class EvidenceCheck extends RaftmarkCommand {
  static override summary = 'Lists evidence that is stale, missing or contradictory.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> openraft --require',
  ]
  static override strict = false
  static override args = { raft: Args.string({ description: 'Rafts; all when none is given.' }) }
  static override flags = {
    profile,
    evidence,
    results,
    require: Flags.boolean({ summary: 'Exit with 1 when something is stale or contradictory.' }),
  }

  async run(): Promise<EvidenceReport> {
    const { argv, flags: given } = await this.parse(EvidenceCheck)
    const report = await checkEvidence(argv.map(String), given)
    this.log(renderEvidenceCheck(report))
    const bad = report.problems.some(({ kind }) => kind === 'stale' || kind === 'contradictory')
    if (given.require && bad) process.exitCode = exitCodes.failed
    return report
  }
}
