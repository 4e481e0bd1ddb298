import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stateWith } from '../../../test/support/core-state.ts'
import { LogIndex, NodeId, Term } from '../../contract/types.ts'
import { campaign, countVote } from './election.ts'
import { isUpToDate } from './vote.ts'

const id = fc.record({ term: fc.nat(3), index: fc.nat(3) })

test('the later last term is more up to date, and with equal terms the longer log', () => {
  fc.assert(
    fc.property(id, id, (one, other) => {
      // Terms weigh more than any length can.
      const weight = ({ term, index }: typeof one) => term * 100 + index
      const name = ({ term, index }: typeof one) => ({ term: Term(term), index: LogIndex(index) })

      expect(isUpToDate(name(one), name(other))).toBe(weight(one) >= weight(other))
    }),
  )
})

/** Most are real votes for this election, some of them given twice. */
const response = fc.record({
  from: fc.integer({ min: 2, max: 7 }),
  term: fc.constantFrom(5, 5, 5, 5, 4, 6),
  preVote: fc.constantFrom(false, false, false, true),
  granted: fc.constantFrom(true, true, true, false),
})

test('a candidate wins with the votes of a majority of distinct voters, given for this election', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 7 }),
      fc.array(response, { maxLength: 12 }),
      (voters, responses) => {
        const state = { ...stateWith(voters, [4]), preVote: false }
        campaign(state)
        const counted = new Set([1])

        for (const { from, term, preVote, granted } of responses) {
          if (from > voters) continue
          if (granted && !preVote && term === 5) counted.add(from)
          countVote(state, {
            kind: 'RequestVoteResponse',
            from: NodeId(from),
            to: NodeId(1),
            term: Term(term),
            preVote,
            granted,
          })
        }

        expect(state.role).toBe(counted.size > voters / 2 ? 'leader' : 'candidate')
      },
    ),
    { numRuns: 500 },
  )
})
