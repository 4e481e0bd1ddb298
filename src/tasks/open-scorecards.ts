import type { Profile, Rubric } from '../judgement/score/rubric.ts'
import { isoTime, type WallClock, wallClock } from '../os/clock.ts'
import { EvidenceLibrary } from './read-evidence.ts'
import { readProfile } from './read-profile.ts'
import { readRubric } from './read-rubric.ts'

export type ScorecardRequest = {
  readonly profile: string
  /** A folder of evidence instead of what raftmark ships and has measured. */
  readonly evidence?: string | undefined
  /** Where runs are kept: what they measured is evidence. */
  readonly results: string
  readonly clock?: WallClock
}

export type Scorecards = {
  readonly rubric: Rubric
  readonly profile: Profile
  readonly evidence: EvidenceLibrary
  /** Like 2026-11-22. */
  readonly today: string
}

/** Reads rubric and profile, and finds the evidence. */
export async function openScorecards(request: ScorecardRequest): Promise<Scorecards> {
  const today = isoTime(request.clock ?? wallClock).slice(0, 10)
  const rubric = await readRubric()
  const profile = await readProfile(request.profile, rubric)
  const { evidence: folder, results } = request
  const evidence = new EvidenceLibrary(rubric, {
    today,
    results,
    ...(folder === undefined ? {} : { folder }),
  })
  return { rubric, profile, evidence, today }
}
