import { assert } from '../../base/assert.ts'
import type { NodeId, Term } from '../../contract/types.ts'
import type { Role } from './effects.ts'
import { hit, type State } from './state.ts'

/**
 * Adopts a newer term, or steps down in this one. A vote stays for as long as its term does (Raft
 * §5.1). The election timer runs on, but for a leader, who had none: a candidate that cannot win
 * must not keep others from trying (Raft §5.2).
 */
export function becomeFollower(state: State, term: Term, leader: NodeId | undefined): void {
  assert(term >= state.term, 'the term never falls', term, state.term)
  if (state.role === 'leader') relinquish(state, leader)
  if (term > state.term) adoptTerm(state, term, undefined)
  changeRole(state, 'follower', leader)
}

/** Answers and questions of the old term are dropped: nobody would count them. */
export function adoptTerm(state: State, term: Term, votedFor: NodeId | undefined): void {
  state.term = term
  state.votedFor = votedFor
  if (state.send.length > 0) state.send = []
  if (state.afterHardState.length > 0) state.afterHardState = []
  if (state.afterLog.length > 0) state.afterLog = []
}

export function changeRole(state: State, role: Role, leader: NodeId | undefined): void {
  state.role = role
  state.leader = leader
  state.status = { term: state.term, role, leader }
}

/** A new random timeout, from now on. Raft §5.2, §9.3: what makes split votes rare. */
export function redrawElectionTimeout(state: State): void {
  const { electionNsMin, electionNsMax } = state.timing
  const spreadNs = Math.floor(state.prng.ratio() * (electionNsMax - electionNsMin))
  state.electionTimeoutNs = electionNsMin + spreadNs
  restartElectionTimer(state)
}

/** On an append or heartbeat of the leader, and on granting a vote; on nothing else. Raft §5.2. */
export function restartElectionTimer(state: State): void {
  state.electionDeadlineNs = state.nowNs + state.electionTimeoutNs
}

/** Whether a leader was heard within the shortest election timeout. Thesis §4.2.3. */
export const hearsLeader = (state: State): boolean =>
  state.role === 'leader' || state.nowNs < state.leaderHeardUntilNs

/** The leader of this term spoke. */
export function hearLeader(state: State, leader: NodeId): void {
  assert(state.role !== 'leader', 'two leaders in one term', leader)
  if (state.role !== 'follower' || state.leader !== leader) {
    assert(
      state.leader === undefined || state.leader === leader,
      `two leaders in term ${state.term}: ${state.leader} and ${leader}`,
    )
    changeRole(state, 'follower', leader)
  }
  state.leaderHeardUntilNs = state.nowNs + state.timing.electionNsMin
  restartElectionTimer(state)
}

/**
 * Nobody knows now what becomes of the uncommitted proposals, and no read can be confirmed. Tokens
 * at or below the commit index are not touched: the log answers them when they are applied.
 */
function relinquish(state: State, leader: NodeId | undefined): void {
  for (const { firstIndex, tokens } of state.proposals) {
    const committed = Math.max(0, state.commitIndex - firstIndex + 1)
    for (let at = committed; at < tokens.length; at += 1) {
      hit(state, 'proposal/lost')
      state.lost.push(tokens[at] as number)
    }
  }
  const reason = leader === undefined ? 'no-leader' : 'not-leader'
  for (const { token } of state.reads) state.refused.push({ token, reason })
  state.proposals = []
  state.uncommittedBytes = 0
  state.reads = []
  state.leaseEndNs = 0
  redrawElectionTimeout(state)
}
