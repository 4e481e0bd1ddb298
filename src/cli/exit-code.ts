import type { ExperimentDocument } from '../judgement/history/experiment-record.ts'
import { exitCodes } from './errors.ts'

/** Of the worst verdict; a threshold that the user asked for counts like an invalid one. */
export function exitCodeOfExperiment(
  document: ExperimentDocument,
  requireRankable: boolean,
): number {
  if (document.verdict === 'invalid') return exitCodes.failed
  if (document.verdict === 'unknown') return exitCodes.mistake
  const isRanked = document.results.every((result) => result.rankable)
  return requireRankable && !isRanked ? exitCodes.failed : exitCodes.done
}
