import type { Verdict } from '../judgement/history/run-record.ts'
import { exitCodes } from './errors.ts'

/** Maelstrom's convention: who asks a judge and hears "I do not know" has no reason to go on. */
export function exitCodeOfVerdict(verdict: Verdict): number {
  if (verdict === 'valid') return exitCodes.done
  return verdict === 'invalid' ? exitCodes.failed : exitCodes.mistake
}
