import { assert } from '../../base/assert.ts'
import type { EntryId } from '../../contract/types.ts'
import type { RequestVote } from './message.ts'
import { hearsLeader, restartElectionTimer } from './roles.ts'
import { hit, type State } from './state.ts'

/** Whether a log that ends with `candidate` holds all that one ending with `voter` may have
 * committed: the later last term wins, and with equal terms the longer log. Raft §5.4.1. */
export const isUpToDate = (candidate: EntryId, voter: EntryId): boolean =>
  candidate.term > voter.term || (candidate.term === voter.term && candidate.index >= voter.index)

/**
 * Whether a request is passed over without an answer. A node that hears a leader elects no other:
 * a member that was cut off cannot disturb the rest (thesis §4.2.3), and leases hold (§6.4.1). A
 * pre-vote is passed over in any case, a vote where check-quorum is on, since that removes a leader
 * whom nobody hears.
 */
export const isPassedOver = (state: State, request: RequestVote): boolean =>
  hearsLeader(state) && (request.preVote || state.checkQuorum)

/** Answers at the voter's own term, once the vote is durable: a forgotten one can elect two. */
export function answerRequestVote(state: State, request: RequestVote): void {
  assert(request.term === state.term, 'the caller has adopted a newer term')
  const mayVote = state.votedFor === undefined || state.votedFor === request.from
  const free = mayVote && state.leader === undefined
  const granted = free && isUpToDate(request.lastEntry, lastEntryOf(state))
  if (granted) {
    hit(state, 'vote/granted')
    state.votedFor = request.from
    restartElectionTimer(state)
  } else hit(state, free ? 'vote/refused-log-behind' : 'vote/refused-already-voted')
  respond(state, request, granted)
}

/** Says whether a real vote would be granted, and changes nothing. Thesis §9.6. */
export function answerPreVote(state: State, request: RequestVote): void {
  const free =
    request.term > state.term ||
    (request.term === state.term &&
      state.leader === undefined &&
      (state.votedFor === undefined || state.votedFor === request.from))
  const granted = free && isUpToDate(request.lastEntry, lastEntryOf(state))
  hit(state, granted ? 'pre-vote/granted' : 'pre-vote/refused')
  respond(state, request, granted)
}

/** A pre-vote that is granted names the term that was asked about; all else the voter's own. */
export function respond(state: State, request: RequestVote, granted: boolean): void {
  state.afterHardState.push({
    kind: 'RequestVoteResponse',
    from: state.id,
    to: request.from,
    term: granted ? request.term : state.term,
    preVote: request.preVote,
    granted,
  })
}

const lastEntryOf = (state: State): EntryId => ({
  term: state.log.lastTerm,
  index: state.log.lastIndex,
})
