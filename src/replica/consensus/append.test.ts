import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entriesOf } from '../../../test/support/core-entries.ts'
import { stateWith } from '../../../test/support/core-state.ts'
import { LogIndex, NodeId, Term } from '../../contract/types.ts'
import { answerAppendEntries } from './append.ts'
import type { AppendEntriesResponse } from './message.ts'

const ascending = (terms: readonly number[]): number[] => [...terms].sort((a, b) => a - b)

/** Two logs that share a beginning, and an append that is any stretch of the leader's. */
const cases = fc
  .record({
    shared: fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 4 }).map(ascending),
    own: fc.array(fc.constantFrom(3, 5), { maxLength: 4 }).map(ascending),
    leaders: fc.array(fc.constantFrom(4, 6), { maxLength: 4 }).map(ascending),
    previousIndex: fc.nat(8),
    count: fc.nat(4),
    leaderCommit: fc.nat(8),
  })
  .map(({ shared, own, leaders, previousIndex, count, leaderCommit }) => {
    const leaderLog = [...shared, ...leaders]
    const previous = Math.min(previousIndex, leaderLog.length)
    return {
      followerLog: [...shared, ...own],
      leaderLog,
      previous,
      sent: leaderLog.slice(previous, previous + count),
      leaderCommit: Math.min(leaderCommit, leaderLog.length),
    }
  })

test('an append does what Raft Fig. 2 says, computed with whole logs', () => {
  fc.assert(
    fc.property(cases, ({ followerLog, leaderLog, previous, sent, leaderCommit }) => {
      const state = stateWith(3, followerLog)
      state.term = Term(7)
      const matches =
        previous <= followerLog.length && followerLog[previous - 1] === leaderLog[previous - 1]
      const end = previous + sent.length
      const agreed = matches && followerLog.slice(0, end).join() === leaderLog.slice(0, end).join()
      const expectedLog = matches && !agreed ? leaderLog.slice(0, end) : followerLog

      answerAppendEntries(state, {
        kind: 'AppendEntries',
        from: NodeId(2),
        to: NodeId(1),
        term: Term(7),
        previous: { term: Term(leaderLog[previous - 1] ?? 0), index: LogIndex(previous) },
        entries: entriesOf(leaderLog).slice(previous, end),
        commitIndex: LogIndex(leaderCommit),
      })

      const log = state.log.slice(1, state.log.lastIndex + 1).map(({ term }) => term)
      const [answer] = [...state.afterLog, ...state.afterHardState] as AppendEntriesResponse[]
      expect(log).toEqual(expectedLog)
      expect(state.commitIndex).toBe(matches ? Math.min(leaderCommit, end) : 0)
      expect(answer?.accepted && answer.matchIndex).toBe(matches && end)
    }),
    { numRuns: 1000 },
  )
})
