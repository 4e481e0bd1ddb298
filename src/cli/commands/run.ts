import type {
  ExperimentDocument,
  ExperimentPlan,
} from '../../judgement/history/experiment-record.ts'
import { renderExperiment } from '../../report/terminal-experiment.ts'
import { renderPlan } from '../../report/terminal-plan.ts'
import { runSuite } from '../../tasks/run-suite.ts'
import { exitCodeOfExperiment } from '../exit-code.ts'
import * as flags from '../flags.ts'
import { createProgress } from '../progress.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'

export default class Run extends RaftmarkCommand {
  static override summary = 'Measures subjects under workloads and says what the figures mean.'
  static override description =
    'Each run is one fresh cluster that carries one workload once. Without a name it runs quick.'
  static override strict = false
  static override usage = 'run [SUITE|WORKLOAD…] [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> quick',
    '<%= config.bin %> <%= command.id %> steady --subject tick/wal --subject event/wal --rounds 10',
    '<%= config.bin %> <%= command.id %> quick --plan',
    '<%= config.bin %> <%= command.id %> engine-only --subject event/memory --json',
  ]
  static override flags = {
    subject: flags.subject,
    effort: flags.effort,
    rounds: flags.rounds,
    nodes: flags.nodes,
    durability: flags.durability,
    placement: flags.placement,
    seed: flags.seed,
    results: flags.results,
    adapter: flags.adapter,
    plan: flags.plan,
    'require-rankable': flags.requireRankable,
  }

  async run(): Promise<ExperimentDocument | ExperimentPlan> {
    const { argv, flags: given } = await this.parse(Run)
    const progress = createProgress(process.stderr)
    const outcome = await runSuite({
      version: this.config.version,
      names: argv.map(String),
      subjects: given.subject ?? [],
      effort: given.effort ?? 'own',
      rounds: given.rounds,
      nodes: given.nodes,
      durability: given.durability,
      placement: given.placement,
      seed: given.seed,
      results: given.results,
      adapters: given.adapter ?? [],
      planOnly: given.plan,
      onEvent: progress.show,
    }).finally(progress.end)

    if (outcome.kind === 'planned') {
      this.log(renderPlan(outcome.plan, outcome.seconds))
      return outcome.plan
    }
    this.log(renderExperiment(outcome.document))
    process.exitCode =
      outcome.exitCode ?? exitCodeOfExperiment(outcome.document, given['require-rankable'])
    return outcome.document
  }
}
