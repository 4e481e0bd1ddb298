import type {
  ExperimentDocument,
  ExperimentPlan,
} from '../../judgement/history/experiment-record.ts'
import { renderMeasuredScorecards } from '../../report/scorecard-terminal.ts'
import { renderExperiment } from '../../report/terminal-experiment.ts'
import { renderPlan } from '../../report/terminal-plan.ts'
import { applyThresholds, parseThresholds } from '../../tasks/fail-on.ts'
import { measuredScorecards } from '../../tasks/measured-scorecards.ts'
import { resumeSuite, runSuite } from '../../tasks/run-suite.ts'
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
    cpus: flags.cpus,
    seed: flags.seed,
    results: flags.results,
    adapter: flags.adapter,
    plan: flags.plan,
    resume: flags.resume,
    'fail-on': flags.failOn,
    'require-rankable': flags.requireRankable,
  }

  async run(): Promise<ExperimentDocument | ExperimentPlan> {
    const { argv, flags: given } = await this.parse(Run)
    const thresholds = parseThresholds(given['fail-on'] ?? [])
    const progress = createProgress(process.stderr)
    const shared = {
      version: this.config.version,
      results: given.results,
      onEvent: progress.show,
    }
    const running =
      given.resume === undefined
        ? runSuite({
            ...shared,
            names: argv.map(String),
            subjects: given.subject ?? [],
            effort: given.effort ?? 'own',
            rounds: given.rounds,
            nodes: given.nodes,
            durability: given.durability,
            placement: given.placement,
            cpus: [...new Set(given.cpus ?? [])],
            seed: given.seed,
            adapters: given.adapter ?? [],
            planOnly: given.plan,
          })
        : resumeSuite({ ...shared, experiment: given.resume })
    const outcome = await running.finally(progress.end)

    if (outcome.kind === 'planned') {
      this.log(renderPlan(outcome.plan, outcome.seconds))
      return outcome.plan
    }
    const { document, exitCode } = outcome
    const found = applyThresholds(thresholds, document.comparisons)
    this.log(renderExperiment(document))
    this.log(renderMeasuredScorecards(await measuredScorecards(document)))
    for (const { outcome: state, expression, workload, reason } of found) {
      this.log(`${state}: ${expression} in ${workload} (${reason})`)
    }
    const asked = { rankable: given['require-rankable'], thresholds: found }
    process.exitCode = exitCode ?? exitCodeOfExperiment(document, asked)
    return document
  }
}
