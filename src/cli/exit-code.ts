import type { ExperimentDocument, ThresholdResult } from '../judgement/history/experiment-record.ts'
import { exitCodes } from './errors.ts'
import { exitCodeOfVerdict } from './verdict-exit-code.ts'

/** Of the worst verdict; a threshold that the user asked for counts like an invalid one. */
export function exitCodeOfExperiment(
  document: ExperimentDocument,
  asked: { readonly rankable: boolean; readonly thresholds: readonly ThresholdResult[] },
): number {
  const ofVerdict = exitCodeOfVerdict(document.verdict)
  if (ofVerdict !== exitCodes.done) return ofVerdict
  const isRanked = document.results.every((result) => result.rankable)
  return asked.rankable && !isRanked ? exitCodes.failed : exitCodeOfThresholds(asked.thresholds)
}

export function exitCodeOfThresholds(thresholds: readonly ThresholdResult[]): number {
  const isFailed = thresholds.some(({ outcome }) => outcome === 'failed')
  return isFailed ? exitCodes.failed : exitCodes.done
}
