import { assert } from '../../base/assert.ts'
import { commitThrough } from './commit.ts'
import type { Heartbeat, HeartbeatResponse } from './message.ts'
import type { Progress } from './progress.ts'
import { reachedByMajority } from './quorum.ts'
import { confirmRounds } from './read.ts'
import { retryAppend } from './replication.ts'
import { becomeFollower, hearLeader } from './roles.ts'
import { hit, ROUNDS_REMEMBERED, type State } from './state.ts'

/** Starts a round. It tells each follower of commits that it is known to have the entries of. */
export function broadcastHeartbeat(state: State): void {
  const { id, term, commitIndex } = state
  state.round += 1
  state.roundSentNs[state.round % ROUNDS_REMEMBERED] = state.nowNs
  state.heartbeatDueNs = state.nowNs + state.timing.heartbeatNs
  for (const { id: to, matchIndex } of state.followers) {
    state.send.push({
      kind: 'Heartbeat',
      from: id,
      to,
      term,
      commitIndex: matchIndex < commitIndex ? matchIndex : commitIndex,
      round: state.round,
    })
  }
}

/** The echo says that the term is followed, so it waits for the term to be durable, no more. */
export function answerHeartbeat(state: State, heartbeat: Heartbeat): void {
  hearLeader(state, heartbeat.from)
  assert(
    heartbeat.commitIndex <= state.log.lastIndex,
    `node ${state.id} lost entries that it acknowledged: its log ends at ${state.log.lastIndex}, ` +
      `the leader knows of ${heartbeat.commitIndex}`,
  )
  commitThrough(state, heartbeat.commitIndex)
  const { id, term } = state
  const { from, round } = heartbeat
  state.afterHardState.push({ kind: 'HeartbeatResponse', from: id, to: from, term, round })
}

/** Tells the sender of an older term of the present one. It echoes no round: rounds start anew with
 * each term, and the sender may lead this one by now and would take it for one of its own. */
export function tellTerm(state: State, { from }: Heartbeat): void {
  const { id, term } = state
  state.afterHardState.push({ kind: 'HeartbeatResponse', from: id, to: from, term, round: 0 })
}

/** An echo of an older round never lowers what was confirmed. */
export function countEcho(state: State, progress: Progress, { round }: HeartbeatResponse): void {
  assert(round <= state.round, 'this round was never started', round)
  if (round > progress.round) {
    progress.round = round
    confirmRounds(state)
  }
  retryAppend(state, progress, round)
}

/** The leader's timer: it leads for as long as it hears a majority. Thesis §6.2. */
export function tendFollowers(state: State): void {
  if (state.checkQuorum && !isHeardByMajority(state)) {
    hit(state, 'check-quorum/stepped-down')
    becomeFollower(state, state.term, undefined)
  } else broadcastHeartbeat(state)
}

function isHeardByMajority(state: State): boolean {
  const { reached, followers, nowNs } = state
  reached[0] = nowNs
  for (let at = 0; at < followers.length; at += 1) {
    reached[at + 1] = (followers[at] as Progress).heardNs
  }
  return nowNs - reachedByMajority(reached) < state.timing.electionNsMin
}
