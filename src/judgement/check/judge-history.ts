import type { History } from '../history/history.ts'
import type { CheckResult, Verdict } from '../history/run-record.ts'
import { gatherEvidence } from './evidence.ts'
import { Findings, totalVerdict } from './findings.ts'
import { checkGrowth } from './growth.ts'
import {
  checkFetchRanges,
  checkLost,
  checkRecording,
  checkSessions,
  checkWatermarks,
} from './log-anomalies.ts'

export type Judgement = { readonly verdict: Verdict; readonly checks: readonly CheckResult[] }

/** Judges all that clients saw. Time and memory grow with operations plus offsets, never faster. */
export function judgeHistory(history: History): Judgement {
  const findings = new Findings()
  checkRecording(history, findings)
  for (const partition of history.partitions) {
    const evidence = gatherEvidence(partition, history.guarantees, findings)
    if (evidence === undefined) continue
    checkLost(evidence, findings)
    checkFetchRanges(partition, findings)
    checkGrowth(evidence, findings)
  }
  checkSessions(history, findings)
  checkWatermarks(history, findings)
  explainOrder(findings)
  const results = findings.results()
  return { verdict: totalVerdict(results), checks: results }
}

/** What breaks the log as an object leaves no order of operations that could explain it. */
function explainOrder(findings: Findings): void {
  const breaking = [
    'lost',
    'duplicate',
    'phantom',
    'aborted-read',
    'inconsistent-offset',
    'torn',
    'gap',
    'dirty-read',
    'unexplained-offset',
  ] as const
  if (findings.has('linearizable')) return
  for (const check of breaking) {
    if (findings.has(check)) findings.invalid('linearizable', () => `see the check "${check}"`)
  }
}
