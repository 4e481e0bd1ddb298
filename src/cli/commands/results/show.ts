import { Args, Flags } from '@oclif/core'
import type { ExperimentDocument } from '../../../judgement/history/experiment-record.ts'
import type { RunRecord } from '../../../judgement/history/run-record.ts'
import { renderExperiment } from '../../../report/terminal-experiment.ts'
import { renderFigures } from '../../../report/terminal-figures.ts'
import { showResult } from '../../../tasks/list-results.ts'
import { type Recomputed, recomputeFigures } from '../../../tasks/recompute-figures.ts'
import * as flags from '../../flags.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

export default class ResultsShow extends RaftmarkCommand {
  static override summary = 'Shows a saved experiment or one of its runs.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> last',
    '<%= config.bin %> <%= command.id %> 20261122-143312-1a2b.003 --figures',
  ]
  static override args = {
    id: Args.string({ required: true, description: 'An experiment, a run, or last.' }),
  }
  static override flags = {
    results: flags.results,
    figures: Flags.boolean({ summary: 'Compute a run’s figures anew from its raw files.' }),
  }

  async run(): Promise<ExperimentDocument | RunRecord | Recomputed> {
    const { args, flags: given } = await this.parse(ResultsShow)
    if (given.figures) {
      const recomputed = recomputeFigures(given.results, args.id)
      this.log(renderFigures(recomputed))
      return recomputed
    }
    const shown = showResult(given.results, args.id)
    if (shown.kind === 'experiment') {
      this.log(renderExperiment(shown.document))
      return shown.document
    }
    this.log(`${shown.directory}\n${JSON.stringify(shown.record, undefined, 2)}`)
    return shown.record
  }
}
