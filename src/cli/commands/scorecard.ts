import { Args, Flags } from '@oclif/core'
import { RaftmarkError } from '../../base/errors.ts'
import type { ScorecardDifference } from '../../judgement/score/difference.ts'
import type { Scorecard } from '../../judgement/score/scorecard.ts'
import { documentAsMarkdown } from '../../report/document-markdown.ts'
import { documentAsHtml } from '../../report/html/document-page.ts'
import { renderDifference } from '../../report/scorecard-details.ts'
import { scorecardDocument } from '../../report/scorecard-document.ts'
import { renderScorecards } from '../../report/scorecard-terminal.ts'
import { type ScorecardSet, scorecardsOf } from '../../tasks/scorecard.ts'
import { diffScorecard } from '../../tasks/scorecard-diff.ts'
import { results } from '../flags.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'
import { evidence, profile } from '../scorecard-flags.ts'

export default class ScorecardCommand extends RaftmarkCommand {
  static override summary = 'Shows how ready Rafts are, cell by cell, with the evidence.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> openraft --profile chronik',
    '<%= config.bin %> <%= command.id %> tick event raft-rs openraft',
    '<%= config.bin %> <%= command.id %> openraft --diff scorecards/fixtures/original',
    '<%= config.bin %> <%= command.id %> openraft --evidence scorecards/fixtures/original --json',
  ]
  static override strict = false
  static override args = {
    raft: Args.string({ description: 'Rafts; all that have evidence when none is given.' }),
  }
  static override flags = {
    profile,
    evidence,
    results,
    format: Flags.option({
      summary: 'How it is written.',
      options: ['terminal', 'markdown', 'html'] as const,
      default: 'terminal',
    })(),
    diff: Flags.string({
      summary: 'Show what changed since a date, a version, or other evidence, and what did it.',
      helpValue: 'DATE|VERSION|DIR',
    }),
  }

  async run(): Promise<Scorecard | ScorecardSet | ScorecardDifference> {
    const { argv, flags: given } = await this.parse(ScorecardCommand)
    if (given.diff !== undefined) {
      const [raft] = argv.map(String)
      if (raft === undefined) {
        throw new RaftmarkError('flag-invalid', '--diff wants one Raft', {
          nextStep: 'Name it: raftmark scorecard openraft --diff 2026-01-31',
        })
      }
      const difference = await diffScorecard(raft, given.diff, given)
      this.log(renderDifference(difference))
      return difference
    }
    const set = await scorecardsOf(argv.map(String), given)
    this.log(rendered(set, given.format))
    const [first, ...others] = set.scorecards
    return first !== undefined && others.length === 0 && argv.length === 1 ? first : set
  }
}

function rendered(set: ScorecardSet, format: 'terminal' | 'markdown' | 'html'): string {
  if (format === 'terminal') return renderScorecards(set)
  const blocks = scorecardDocument(set.scorecards)
  return format === 'html' ? documentAsHtml('Scorecards', blocks) : documentAsMarkdown(blocks)
}
