import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stateWith } from '../../../test/support/core-state.ts'
import { LogIndex } from '../../contract/types.ts'
import { maybeCommit } from './commit.ts'
import type { State } from './state.ts'

const cases = fc.record({
  voters: fc.integer({ min: 1, max: 7 }),
  terms: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 }),
  matches: fc.array(fc.nat(12), { minLength: 6, maxLength: 6 }),
  commitIndex: fc.nat(12),
})

test('a leader commits the last entry of its term that a majority has, and never goes back', () => {
  fc.assert(
    fc.property(cases, ({ voters, terms, matches, commitIndex }) => {
      const sorted = [...terms].sort((a, b) => a - b)
      const state = stateWith(voters, sorted)
      state.commitIndex = LogIndex(Math.min(commitIndex, sorted.length))
      state.ownTermFirstIndex = LogIndex(sorted.length + 1)
      state.followers.forEach((follower, at) => {
        follower.matchIndex = LogIndex(Math.min(matches[at] ?? 0, sorted.length))
      })
      const expected = countedCommitIndex(state, sorted)

      maybeCommit(state)

      expect(state.commitIndex).toBe(expected)
    }),
  )
})

/** Raft Fig. 2, word for word: an N > commitIndex, a majority of matchIndex ≥ N, log[N] of my term. */
function countedCommitIndex(state: State, terms: readonly number[]): number {
  let commitIndex: number = state.commitIndex
  for (let index = commitIndex + 1; index <= terms.length; index += 1) {
    const holders = state.followers.filter(({ matchIndex }) => matchIndex >= index).length + 1
    if (holders > state.voterCount / 2 && terms[index - 1] === state.term) commitIndex = index
  }
  return commitIndex
}
