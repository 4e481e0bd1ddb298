import { lateAcceptance, lateEcho, type ScriptedTrial, twoCandidates } from './scripted-trials.ts'

/** A row that is looked for in real processes too, and how. */
export type ProcessRow = {
  readonly number: number
  readonly trial: PowerCutTrial | ScriptedTrial
}

/** `raftmark check power-cut` of a cluster whose nodes have the bug. */
export type PowerCutTrial = { readonly name: 'power cut'; readonly cuts: number }

export const isPowerCut = (trial: ProcessRow['trial']): trial is PowerCutTrial => 'cuts' in trial

/** The cuts are drawn with this seed: two of the first three take the leader. */
export const POWER_CUT_SEED = 1

export const processRows: readonly ProcessRow[] = [
  { number: 4, trial: twoCandidates },
  { number: 5, trial: twoCandidates },
  { number: 37, trial: lateAcceptance },
  { number: 46, trial: { name: 'power cut', cuts: 12 } },
  { number: 52, trial: lateEcho },
  { number: 70, trial: { name: 'power cut', cuts: 6 } },
]
