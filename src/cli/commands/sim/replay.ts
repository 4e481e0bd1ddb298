import { Args, Flags } from '@oclif/core'
import { renderReplay } from '../../../report/terminal-sim.ts'
import { type ReplayDocument, replaySeed } from '../../../tasks/replay-seed.ts'
import { exitCodes } from '../../errors.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'
import * as simFlags from '../../sim-flags.ts'

export default class SimReplay extends RaftmarkCommand {
  static override summary = 'Tells the life of one seed, step by step, in the words of the paper.'
  static override description =
    'The last line is a hash of all that happened, the same on every machine.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 42',
    '<%= config.bin %> <%= command.id %> 42 --scenario swarm --shrink',
  ]
  static override args = {
    seed: Args.integer({ required: true, min: 0, description: 'a seed' }),
  }
  static override flags = {
    scenario: simFlags.scenario,
    design: simFlags.design,
    shrink: Flags.boolean({ summary: 'If it fails, cut it down to the smallest that still does.' }),
    expect: Flags.string({ summary: 'Refuse if this is not its hash.', helpValue: 'HASH' }),
  }

  async run(): Promise<ReplayDocument> {
    const { args, flags } = await this.parse(SimReplay)
    const document = replaySeed({
      seed: args.seed,
      scenario: flags.scenario,
      designs: flags.design ?? [],
      shrinks: flags.shrink,
      expectedHash: flags.expect,
    })
    this.log(renderReplay(document))
    if (document.failure !== undefined) process.exitCode = exitCodes.failed
    return document
  }
}
