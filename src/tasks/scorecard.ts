import { type Ranking, rankScorecards } from '../judgement/score/rank-scorecards.ts'
import { makeScorecard, type Scorecard } from '../judgement/score/scorecard.ts'
import { openScorecards, type ScorecardRequest } from './open-scorecards.ts'

/** Several scorecards and what may be said of their order. */
export type ScorecardSet = {
  readonly schema: 'raftmark/scorecards/1'
  readonly profile: string
  readonly scorecards: readonly Scorecard[]
  readonly rankings: readonly Ranking[]
}

/** The scorecards of these Rafts, or of all that have evidence. */
export async function scorecardsOf(
  rafts: readonly string[],
  request: ScorecardRequest,
): Promise<ScorecardSet> {
  const { rubric, profile, evidence, today } = await openScorecards(request)
  const names = rafts.length > 0 ? rafts : await evidence.names()
  const scorecards: Scorecard[] = []
  for (const name of names) {
    scorecards.push(makeScorecard(rubric, profile, await evidence.read(name), today))
  }
  return {
    schema: 'raftmark/scorecards/1',
    profile: profile.name,
    scorecards,
    rankings: rankScorecards(scorecards),
  }
}
