import type { LogIndex } from '../../contract/types.ts'
import type { Token } from './effects.ts'
import type { Progress } from './progress.ts'
import { refuse } from './proposal.ts'
import { reachedByMajority } from './quorum.ts'
import { hit, ROUNDS_REMEMBERED, type State } from './state.ts'

/**
 * How much shorter a lease is than the shortest election timeout. It pays for clocks that run at
 * different speeds, and for designs that round time: a tick design's period must not exceed it.
 */
const LEASE_MARGIN_RATIO = 0.2

/**
 * Reads at a commit index, without a log entry. A leader that has committed nothing in its own term
 * does not know what is committed, and refuses: clients learn OFFSET_NOT_AVAILABLE (KIP-207).
 * A lease read without a lease is refused too, not turned into a quorum read: whoever asks for the
 * cheap one must learn that it was not to be had.
 */
export function read(state: State, token: Token, consistency: 'quorum' | 'lease'): void {
  if (state.role !== 'leader') {
    refuse(state, token, state.leader === undefined ? 'no-leader' : 'not-leader')
  } else if (state.commitIndex < state.ownTermFirstIndex) {
    hit(state, 'read/refused-before-own-commit')
    refuse(state, token, 'not-ready')
  } else if (state.followers.length === 0) {
    state.readReady.push({ token, index: state.commitIndex })
  } else if (consistency === 'lease') readWithinLease(state, token)
  else waitForRound(state, token)
}

/** Without check-quorum voters elect whomever they like, so there is no lease. */
function readWithinLease(state: State, token: Token): void {
  if (state.checkQuorum && state.nowNs < state.leaseEndNs) {
    hit(state, 'read/within-lease')
    state.readReady.push({ token, index: state.commitIndex })
  } else {
    hit(state, 'read/refused-without-lease')
    refuse(state, token, 'not-ready')
  }
}

/** The next round starts after the read, so its echo says that this was the leader then. */
function waitForRound(state: State, token: Token): void {
  hit(state, 'read/waits-for-round')
  state.roundWanted = state.round + 1
  state.reads.push({ token, index: state.commitIndex, round: state.roundWanted })
}

/** A follower echoed a round: what a majority has echoed confirms reads and opens a lease. */
export function confirmRounds(state: State): void {
  const { reached, followers } = state
  reached[0] = state.round
  for (let at = 0; at < followers.length; at += 1) {
    reached[at + 1] = (followers[at] as Progress).round
  }
  const confirmed = reachedByMajority(reached)
  if (confirmed <= state.confirmedRound) return
  state.confirmedRound = confirmed
  if (state.round - confirmed < ROUNDS_REMEMBERED) {
    // From when it was sent: voters ignore others from when they received it, which is later.
    const sentNs = state.roundSentNs[confirmed % ROUNDS_REMEMBERED] as number
    state.leaseEndNs = sentNs + Math.floor(state.timing.electionNsMin * (1 - LEASE_MARGIN_RATIO))
  }
  settleReads(state)
}

function settleReads(state: State): void {
  let settled = 0
  for (const { token, index, round } of state.reads) {
    if (round > state.confirmedRound) break
    hit(state, 'read/confirmed')
    state.readReady.push({ token, index: index as LogIndex })
    settled += 1
  }
  if (settled > 0) state.reads.splice(0, settled)
}
