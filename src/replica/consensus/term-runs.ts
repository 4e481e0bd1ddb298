import { assert } from '../../base/assert.ts'
import { type LogIndex, Term } from '../../contract/types.ts'
import type { TermStart } from './core.ts'

const NO_TERM = Term(0)

/**
 * The term of every entry of a log, run-length encoded: there are few terms, so they are all kept,
 * also of entries that memory has dropped.
 */
export class TermRuns {
  readonly #terms: Term[] = []
  readonly #firsts: LogIndex[] = []

  constructor(starts: readonly TermStart[]) {
    for (const start of starts) this.append(start.term, start.firstIndex)
  }

  /** The term of the last entry; 0 for an empty log. */
  get lastTerm(): Term {
    return this.#terms.length === 0 ? NO_TERM : (this.#terms[this.#terms.length - 1] as Term)
  }

  /** `index` must be in the log or 0, whose term is 0. */
  at(index: LogIndex): Term {
    for (let run = this.#firsts.length - 1; run >= 0; run -= 1) {
      if ((this.#firsts[run] as LogIndex) <= index) return this.#terms[run] as Term
    }
    return NO_TERM
  }

  append(term: Term, index: LogIndex): void {
    const last = this.lastTerm
    if (term === last) return
    assert(term > last, 'terms of a log never fall', term, last)
    this.#terms.push(term)
    this.#firsts.push(index)
  }

  truncateFrom(index: LogIndex): void {
    while (
      this.#firsts.length > 0 &&
      (this.#firsts[this.#firsts.length - 1] as LogIndex) >= index
    ) {
      this.#firsts.pop()
      this.#terms.pop()
    }
  }

  /**
   * The largest index at or below `index` whose term is at or below `term`: where a log that has
   * `term` at `index` may agree with this one at the latest. Source: etcd/raft findConflictByTerm.
   */
  lastAtOrBelow(index: LogIndex, term: Term): LogIndex {
    let candidate = index
    for (let run = this.#firsts.length - 1; run >= 0; run -= 1) {
      const first = this.#firsts[run] as LogIndex
      if (first > candidate) continue
      if ((this.#terms[run] as Term) <= term) return candidate
      candidate = (first - 1) as LogIndex
    }
    return candidate
  }
}
