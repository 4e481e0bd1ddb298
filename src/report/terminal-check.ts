import type { CheckResult, Verdict } from '../judgement/history/run-record.ts'

/** A judged history for a terminal: the verdict, then every check that did not hold. */
export function renderCheck(document: {
  readonly verdict: Verdict
  readonly operations: number
  readonly checks: readonly CheckResult[]
}): string {
  const open = document.checks.filter((result) => result.verdict !== 'valid')
  const held = document.checks.length - open.length
  return [
    `${document.verdict}: ${document.operations} operations, ${held} checks held`,
    ...open.map(({ check, verdict, explanation }) => `  ${verdict}  ${check}: ${explanation}`),
  ].join('\n')
}
