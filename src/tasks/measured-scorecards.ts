import type { ExperimentDocument } from '../judgement/history/experiment-record.ts'
import { makeScorecard, type Scorecard } from '../judgement/score/scorecard.ts'
import { evidenceOfExperiments, raftOf } from './measured-evidence.ts'
import { readProfile } from './read-profile.ts'
import { readRubric } from './read-rubric.ts'

const PROFILE = 'chronik'

/** Scorecards from one experiment alone, for each Raft that it ran: only what it measured. */
export async function measuredScorecards(
  document: ExperimentDocument,
): Promise<readonly Scorecard[]> {
  const rubric = await readRubric()
  const profile = await readProfile(PROFILE, rubric)
  const rafts = [...new Set(document.results.map(({ subject }) => raftOf(subject)))]
  return rafts
    .filter((raft) => raft !== 'null')
    .map((raft) => {
      const rows = evidenceOfExperiments(raft, [document])
      const set = { raft, title: raft, repository: '', rows }
      return makeScorecard(rubric, profile, set, document.startedAt.slice(0, 10))
    })
}
