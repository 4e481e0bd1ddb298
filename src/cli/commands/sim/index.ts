import { Flags } from '@oclif/core'
import { renderSim } from '../../../report/terminal-sim.ts'
import { type SimDocument, simulateSeeds } from '../../../tasks/simulate-seeds.ts'
import { exitCodes } from '../../errors.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'
import * as simFlags from '../../sim-flags.ts'

export default class Sim extends RaftmarkCommand {
  static override summary =
    'Lets simulated clusters of our designs live through faults, seed by seed.'
  static override description =
    'The real engine, log and WAL over a virtual clock, network and disk, ' +
    'with every check at every step. Exit code 1: a check failed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --seeds 20000',
    '<%= config.bin %> <%= command.id %> --scenario swarm --seeds 5000 --keep-going',
    '<%= config.bin %> <%= command.id %> --design tick --json',
  ]
  static override flags = {
    seeds: Flags.integer({ summary: 'How many lives.', default: 1_000, min: 1, helpValue: 'N' }),
    first: Flags.integer({ summary: 'The first seed.', default: 0, min: 0, helpValue: 'SEED' }),
    scenario: simFlags.scenario,
    design: simFlags.design,
    processes: Flags.integer({ summary: 'Instead of one for each core.', min: 1, helpValue: 'N' }),
    'keep-going': Flags.boolean({ summary: 'Do not stop at the first failure.' }),
  }

  async run(): Promise<SimDocument> {
    const { flags } = await this.parse(Sim)
    const document = await simulateSeeds({
      scenario: flags.scenario,
      designs: flags.design ?? [],
      firstSeed: flags.first,
      seeds: flags.seeds,
      keepGoing: flags['keep-going'],
      ...(flags.processes === undefined ? {} : { processes: flags.processes }),
      onProgress: (done, secondsLeft) => this.#show(done, flags.seeds, secondsLeft),
    })
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
    this.log(renderSim(document))
    const [failure] = document.failures
    if (failure !== undefined) {
      const designs = (flags.design ?? []).map((name) => ` --design ${name}`).join('')
      const scenario = `--scenario ${flags.scenario}${designs}`
      this.log(`  replay it: raftmark sim replay ${failure.seed} ${scenario} --shrink`)
      process.exitCode = exitCodes.failed
    }
    return document
  }

  #show(done: number, seeds: number, secondsLeft: number): void {
    if (!process.stderr.isTTY) return
    process.stderr.write(`\r\u001b[K${done} of ${seeds} seeds, ${Math.ceil(secondsLeft)} s left`)
  }
}
