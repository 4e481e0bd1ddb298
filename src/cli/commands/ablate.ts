import { Args, Flags } from '@oclif/core'
import { assert } from '../../base/assert.ts'
import type { AblationDocument } from '../../judgement/history/ablation.ts'
import type { ExperimentPlan } from '../../judgement/history/experiment-record.ts'
import { renderAblation } from '../../report/terminal-ablation.ts'
import { renderPlan } from '../../report/terminal-plan.ts'
import { wrapped } from '../../report/text-table.ts'
import { ablate, ablationDocument } from '../../tasks/ablate.ts'
import { exitCodeOfExperiment } from '../exit-code.ts'
import * as flags from '../flags.ts'
import { createProgress } from '../progress.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'

export default class Ablate extends RaftmarkCommand {
  static override summary = 'Says which choice between two designs of this engine buys what.'
  static override description =
    'It walks from A to B one choice at a time, from both ends, and measures latency in an open ' +
    'loop and capacity in a closed one. What holds for this engine may not hold for a library.'
  static override strict = false
  static override usage = 'ablate A B [SUITE|WORKLOAD…] [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> tick event --effort standard',
    '<%= config.bin %> <%= command.id %> tick event --effort smoke --json',
    '<%= config.bin %> <%= command.id %> tick like-hashicorp --factorial --plan',
  ]
  static override args = {
    a: Args.string({ required: true, description: 'A design, like tick or tick/wal.' }),
    b: Args.string({ required: true, description: 'Another one.' }),
  }
  static override flags = {
    factorial: Flags.boolean({
      summary: 'Every combination of the choices, at most four.',
      default: false,
    }),
    effort: flags.effort,
    rounds: flags.rounds,
    nodes: flags.nodes,
    seed: flags.seed,
    results: flags.results,
    adapter: flags.adapter,
    plan: flags.plan,
  }

  async run(): Promise<AblationDocument | ExperimentPlan> {
    const { argv, args, flags: given } = await this.parse(Ablate)
    const progress = createProgress(process.stderr)
    const outcome = await ablate({
      from: args.a,
      to: args.b,
      factorial: given.factorial,
      names: argv.slice(2).map(String),
      version: this.config.version,
      results: given.results,
      effort: given.effort ?? 'own',
      rounds: given.rounds,
      nodes: given.nodes,
      seed: given.seed,
      adapters: given.adapter ?? [],
      planOnly: given.plan,
      onEvent: progress.show,
    }).finally(progress.end)
    if (outcome.kind === 'planned') {
      this.log(renderPlan(outcome.plan, outcome.seconds))
      return outcome.plan
    }
    const found = ablationDocument(outcome.document)
    assert(found !== undefined, 'an ablation has its document')
    this.log(renderAblation(found))
    for (const sentence of found.conclusions) this.log(wrapped(`- ${sentence}`))
    this.log(`see: raftmark report ${found.experiment}`)
    process.exitCode =
      outcome.exitCode ??
      exitCodeOfExperiment(outcome.document, { rankable: false, thresholds: [] })
    return found
  }
}
