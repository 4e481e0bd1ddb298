import { Flags } from '@oclif/core'
import type { ComparisonDocument } from '../../judgement/history/experiment-record.ts'
import { renderComparison } from '../../report/terminal-comparison.ts'
import { compare } from '../../tasks/compare.ts'
import { exitCodeOfThresholds } from '../exit-code.ts'
import * as flags from '../flags.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'

export default class Compare extends RaftmarkCommand {
  static override summary = 'Measures B against A from saved runs: ratios, intervals, verdicts.'
  static override description =
    'A and B are two subjects (or rafts) of one experiment, the newest unless another is named ' +
    'first; or two experiments; or a saved .json document as a baseline. Exits with 0 whatever ' +
    'it says, unless a --fail-on is failed.'
  static override strict = false
  static override usage = 'compare [EXPERIMENT] A B [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> tick/wal event/wal',
    '<%= config.bin %> <%= command.id %> 20261122-143312-1a2b tick event --json',
    "<%= config.bin %> <%= command.id %> baseline.json last --fail-on 'p99 +5%'",
  ]
  static override flags = {
    results: flags.results,
    'fail-on': flags.failOn,
    force: Flags.boolean({ summary: 'Compare across machines and harnesses, and mark it.' }),
  }

  async run(): Promise<ComparisonDocument> {
    const { argv, flags: given } = await this.parse(Compare)
    const document = compare({
      words: argv.map(String),
      results: given.results,
      failOn: given['fail-on'] ?? [],
      force: given.force,
    })
    this.log(renderComparison(document))
    process.exitCode = exitCodeOfThresholds(document.thresholds)
    return document
  }
}
