import type { CheckResult, Verdict } from '../history/run-record.ts'

/** Every check of a history, in the order in which results are listed, and what it means. */
export const checks = {
  recording: 'The history is whole and says enough to be judged.',
  lost: 'An acknowledged or served record is not there at the end.',
  duplicate: 'A record stands at two offsets, although retries are idempotent.',
  phantom: 'A record is seen that nobody sent, or before it was sent.',
  'aborted-read': 'A record is seen whose produce was answered with a definite failure.',
  'inconsistent-offset': 'Two observers saw different records at one offset.',
  torn: 'A part of a batch is seen without the rest, or not as one block.',
  gap: 'A fetch leaves out records between those that it serves.',
  'dirty-read': 'A fetch serves records at or above the high watermark that it names.',
  'hw-regression': 'A node named a lower high watermark than it had named before.',
  session: 'Produces of one client took effect in another order than they were sent.',
  reordered: 'A record was sent after another was acknowledged, and stands before it.',
  stale: 'A read that must be fresh misses what was known before it began.',
  'unexplained-offset': 'The log has an offset that no produce can have filled.',
  linearizable: 'No order of the operations explains all answers.',
} as const

export type CheckName = keyof typeof checks

/** Collects what the checks find. Only the first finding of a check is explained: it is enough. */
export class Findings {
  readonly #counts = new Map<CheckName, number>()
  readonly #explanations = new Map<CheckName, string>()
  readonly #undecided = new Map<CheckName, string>()

  /** `explain` is called for the first finding only, since a text costs more than a check. */
  invalid(check: CheckName, explain: () => string): void {
    const count = this.#counts.get(check) ?? 0
    this.#counts.set(check, count + 1)
    if (count === 0) this.#explanations.set(check, explain())
  }

  unknown(check: CheckName, reason: string): void {
    if (!this.#undecided.has(check)) this.#undecided.set(check, reason)
  }

  has(check: CheckName): boolean {
    return this.#counts.has(check)
  }

  results(): readonly CheckResult[] {
    return (Object.keys(checks) as CheckName[]).map((check) => this.#resultOf(check))
  }

  #resultOf(check: CheckName): CheckResult {
    const count = this.#counts.get(check)
    if (count !== undefined) {
      const more = count > 1 ? ` (and ${count - 1} more)` : ''
      return { check, verdict: 'invalid', explanation: `${this.#explanations.get(check)}${more}` }
    }
    const reason = this.#undecided.get(check)
    if (reason !== undefined) return { check, verdict: 'unknown', explanation: reason }
    return { check, verdict: 'valid', explanation: '' }
  }
}

/** Of several verdicts the worst counts. Nothing checked is nothing known. */
export function totalVerdict(results: readonly CheckResult[]): Verdict {
  if (results.some((result) => result.verdict === 'invalid')) return 'invalid'
  if (results.length === 0) return 'unknown'
  return results.every((result) => result.verdict === 'valid') ? 'valid' : 'unknown'
}
