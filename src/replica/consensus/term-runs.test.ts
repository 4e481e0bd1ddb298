import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entriesOf, termStartsOf } from '../../../test/support/core-entries.ts'
import { LogIndex, Term } from '../../contract/types.ts'
import { TermRuns } from './term-runs.ts'

const logs = fc
  .array(fc.integer({ min: 1, max: 6 }), { maxLength: 15 })
  .map((terms) => [...terms].sort((a, b) => a - b))

test('the runs know the term of every entry, also after a truncation', () => {
  fc.assert(
    fc.property(logs, fc.nat(15), (terms, kept) => {
      const runs = new TermRuns(termStartsOf(entriesOf(terms)))

      runs.truncateFrom(LogIndex(kept + 1))

      const left = terms.slice(0, kept)
      expect(left.map((_, at) => runs.at(LogIndex(at + 1)))).toEqual(left)
      expect(runs.lastTerm).toBe(left[left.length - 1] ?? 0)
    }),
  )
})

test('where two logs may agree at the latest is found as by walking back entry by entry', () => {
  fc.assert(
    fc.property(logs, fc.nat(15), fc.nat(7), (terms, from, term) => {
      const runs = new TermRuns(termStartsOf(entriesOf(terms)))
      const start = Math.min(from, terms.length)
      let walked = start
      while (walked > 0 && (terms[walked - 1] ?? 0) > term) walked -= 1

      expect(runs.lastAtOrBelow(LogIndex(start), Term(term))).toBe(walked)
    }),
  )
})
