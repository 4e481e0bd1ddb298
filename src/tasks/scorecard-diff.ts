import { existsSync } from 'node:fs'
import { RaftmarkError } from '../base/errors.ts'
import { differenceOf, type ScorecardDifference } from '../judgement/score/difference.ts'
import { makeScorecard, type Scorecard } from '../judgement/score/scorecard.ts'
import { openScorecards, type ScorecardRequest } from './open-scorecards.ts'
import { EvidenceLibrary, type RaftEvidence } from './read-evidence.ts'

/**
 * What changed since `since`: a date, a version of the Raft that its evidence names, or a folder
 * with other evidence.
 */
export async function diffScorecard(
  raft: string,
  since: string,
  request: ScorecardRequest,
): Promise<ScorecardDifference> {
  const { rubric, profile, evidence, today } = await openScorecards(request)
  const set = await evidence.read(raft)
  const card = (of: RaftEvidence, day: string): Scorecard => makeScorecard(rubric, profile, of, day)
  const now = card(set, today)
  if (existsSync(since)) {
    const { results } = request
    const other = await new EvidenceLibrary(rubric, { folder: since, results, today }).read(raft)
    return differenceOf(card(other, today), now)
  }
  return differenceOf(card(set, dayOf(since, set)), now)
}

function dayOf(since: string, set: RaftEvidence): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(since)) return since
  const row = set.rows.find(
    ({ claim, value }) => claim === 'version.latest' && value === since.replace(/^v/, ''),
  )
  if (row !== undefined) return row.lookedAt
  throw new RaftmarkError('flag-invalid', `--diff cannot be ${since}`, {
    nextStep: 'Give a date like 2026-01-31, a version that the evidence names, or a folder.',
  })
}
