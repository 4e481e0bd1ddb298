import type { LogIndex } from '../../contract/types.ts'
import type { Accepted } from './effects.ts'
import type { Progress } from './progress.ts'
import { reachedByMajority } from './quorum.ts'
import { sizeOf } from './raft-log.ts'
import { hit, type State } from './state.ts'

/**
 * A leader commits what is durable on a majority, itself counted by its own disk like any other;
 * and only entries of its own term: an older one that is on a majority can still be overwritten,
 * so it is committed only by a newer entry behind it. Raft §5.3, §5.4.2, Fig. 8.
 */
export function maybeCommit(state: State): void {
  const { reached, followers, log } = state
  reached[0] = state.writes.durableIndex
  for (let at = 0; at < followers.length; at += 1) {
    reached[at + 1] = (followers[at] as Progress).matchIndex
  }
  const index = reachedByMajority(reached) as LogIndex
  if (index <= state.commitIndex) return
  if (log.termAt(index) !== state.term) {
    hit(state, 'commit/only-own-term')
    return
  }
  hit(state, 'commit/by-quorum')
  const previous = state.commitIndex
  state.commitIndex = index
  settleProposals(state, previous)
}

/** A follower's rule; the caller has made sure that its log agrees with the leader's to `index`. */
export function commitThrough(state: State, index: LogIndex): void {
  if (index > state.commitIndex) state.commitIndex = index
}

/** What is committed can be lost no more: from here on the log answers for it. */
function settleProposals(state: State, previousCommitIndex: LogIndex): void {
  const { proposals, commitIndex, log } = state
  let settled = 0
  while (settled < proposals.length) {
    const { firstIndex, tokens } = proposals[settled] as Accepted
    if (firstIndex + tokens.length - 1 > commitIndex) break
    settled += 1
  }
  if (settled === proposals.length) state.proposals = settled === 0 ? proposals : []
  else if (settled > 0) proposals.splice(0, settled)

  let index = Math.max(previousCommitIndex, state.ownTermFirstIndex) + 1
  for (; index <= commitIndex; index += 1) {
    state.uncommittedBytes -= sizeOf(log.at(index as LogIndex))
  }
}
