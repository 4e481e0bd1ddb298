import type { LogIndex, NodeId, Term } from '../../contract/types.ts'
import { broadcastHeartbeat } from './heartbeat.ts'
import type { RequestVoteResponse } from './message.ts'
import { resetProgress } from './progress.ts'
import { majorityOf } from './quorum.ts'
import { adoptTerm, changeRole, hearsLeader, redrawElectionTimeout } from './roles.ts'
import { hit, type State } from './state.ts'

const NO_PAYLOAD = new Uint8Array(0)

/**
 * An order to campaign is not obeyed while a leader is heard: a vote for oneself is a vote too, and
 * the leader's lease counts on there being none.
 */
export function campaignOnOrder(state: State): void {
  if (state.role === 'leader') return
  if (state.checkQuorum && hearsLeader(state)) {
    hit(state, 'election/ignored-live-leader')
    return
  }
  campaign(state)
}

/** Asks for pre-votes where there are any to ask for, and else for votes. */
export function campaign(state: State): void {
  if (state.preVote && state.followers.length > 0) startPreElection(state)
  else startElection(state)
}

/** Would a majority vote for this node? Neither term nor vote change, here or there. */
function startPreElection(state: State): void {
  hit(state, 'election/pre-campaigned')
  redrawElectionTimeout(state)
  changeRole(state, 'preCandidate', undefined)
  state.votes = [state.id]
  requestVotes(state, true, (state.term + 1) as Term)
}

function startElection(state: State): void {
  hit(state, 'election/campaigned')
  redrawElectionTimeout(state)
  adoptTerm(state, (state.term + 1) as Term, state.id)
  changeRole(state, 'candidate', undefined)
  state.votes = [state.id]
  requestVotes(state, false, state.term)
  maybeBecomeLeader(state)
}

/** A vote request reveals the candidate's vote for itself, so it waits for that to be durable. */
function requestVotes(state: State, preVote: boolean, term: Term): void {
  const { id, log } = state
  const lastEntry = { term: log.lastTerm, index: log.lastIndex }
  const outbox = preVote ? state.send : state.afterHardState
  for (const follower of state.followers) {
    outbox.push({ kind: 'RequestVote', from: id, to: follower.id, term, preVote, lastEntry })
  }
}

/** Counts a vote once for each voter, and only in the election that it was asked for. */
export function countVote(state: State, response: RequestVoteResponse): void {
  const { from, preVote, granted, term } = response
  const held = preVote ? 'preCandidate' : 'candidate'
  const askedTerm = preVote ? state.term + 1 : state.term
  if (!granted || state.role !== held || term !== askedTerm) {
    if (granted) hit(state, 'vote/ignored-late-grant')
    return
  }
  if (!state.votes.includes(from)) state.votes.push(from)
  if (preVote) {
    if (isMajority(state, state.votes)) startElection(state)
  } else maybeBecomeLeader(state)
}

const isMajority = (state: State, votes: readonly NodeId[]): boolean =>
  votes.length >= majorityOf(state.voterCount)

function maybeBecomeLeader(state: State): void {
  if (isMajority(state, state.votes)) becomeLeader(state)
}

/**
 * The no-op commits what earlier terms left (Raft §5.4.2 forbids counting it directly), and tells
 * the leader what is committed (thesis §6.4). The first heartbeats end other campaigns.
 */
function becomeLeader(state: State): void {
  hit(state, 'election/won')
  const { log, term } = state
  changeRole(state, 'leader', state.id)
  for (const follower of state.followers) resetProgress(follower, log.lastIndex, state.nowNs)
  state.ownTermFirstIndex = (log.lastIndex + 1) as LogIndex
  state.round = 0
  state.confirmedRound = 0
  state.roundWanted = 0
  state.leaseEndNs = 0
  log.append({ term, index: state.ownTermFirstIndex, kind: 'noop', payload: NO_PAYLOAD })
  broadcastHeartbeat(state)
}
