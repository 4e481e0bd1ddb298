import { assert } from '../../base/assert.ts'
import type { LogIndex, Term } from '../../contract/types.ts'
import { maybeCommit } from './commit.ts'
import type { AppendEntriesResponse, Entry } from './message.ts'
import { becomeProbe, becomeReplicate, type Progress } from './progress.ts'
import { sizeOf } from './raft-log.ts'
import { hit, type State } from './state.ts'

/** The leader's half of replication: what an answer to an append says. Raft §5.3. */
export function countAppendResponse(
  state: State,
  progress: Progress,
  response: AppendEntriesResponse,
): void {
  if (response.accepted) acceptedThrough(state, progress, response.matchIndex)
  else refusedAt(state, progress, response.previousIndex, response.conflict)
}

function acceptedThrough(state: State, progress: Progress, matchIndex: LogIndex): void {
  assert(matchIndex <= state.log.lastIndex, 'a follower accepted what was never sent', progress.id)
  if (matchIndex < progress.matchIndex) {
    hit(state, 'replication/ignored-stale-acceptance')
    return
  }
  const rose = matchIndex > progress.matchIndex
  if (rose) {
    progress.matchIndex = matchIndex
  }
  if (progress.state === 'probe') {
    hit(state, 'replication/became-replicate')
    becomeReplicate(progress)
  } else {
    progress.inFlight.free(matchIndex)
    if (matchIndex >= progress.nextIndex) progress.nextIndex = (matchIndex + 1) as LogIndex
  }
  if (rose) maybeCommit(state)
}

function refusedAt(
  state: State,
  progress: Progress,
  previousIndex: LogIndex,
  conflict: { readonly term: Term; readonly index: LogIndex },
): void {
  if (progress.state === 'replicate') {
    if (previousIndex <= progress.matchIndex) {
      hit(state, 'replication/ignored-stale-refusal')
      return
    }
    hit(state, 'replication/became-probe')
    becomeProbe(progress, (progress.matchIndex + 1) as LogIndex)
    return
  }
  if (previousIndex !== progress.nextIndex - 1) {
    hit(state, 'replication/ignored-stale-refusal')
    return
  }
  hit(state, 'replication/backed-off')
  const agreed = state.log.lastAtOrBelow(conflict.index, conflict.term)
  const nextIndex = Math.max(Math.min(previousIndex, agreed + 1), progress.matchIndex + 1)
  becomeProbe(progress, nextIndex as LogIndex)
}

/**
 * The follower echoes a round that started after an append left, and did not answer the append: it
 * may be lost. A probe goes out again; a pipeline gets one more append, even beyond the window: if
 * those before it were lost, it is refused, and that makes the leader probe.
 */
export function retryAppend(state: State, progress: Progress, round: number): void {
  if (round <= progress.sentRound) return
  if (progress.state === 'probe') {
    if (progress.probeSent) hit(state, 'replication/retried-probe')
    progress.probeSent = false
  } else if (progress.matchIndex + 1 < progress.nextIndex) {
    hit(state, 'replication/asked-again')
    progress.askAgain = true
  }
}

/** The store's answer to a `load`: sent if it is still what the follower needs. */
export function sendLoaded(state: State, progress: Progress, entries: readonly Entry[]): void {
  const first = entries[0] as Entry
  const last = entries[entries.length - 1] as Entry
  const leads = state.role === 'leader' && progress.loading
  const wanted = leads && first.index === progress.nextIndex && canSend(progress)
  progress.loading = false
  if (!wanted || !state.log.has(last.term, last.index)) {
    hit(state, 'replication/ignored-stale-load')
    return
  }
  hit(state, 'replication/loaded')
  const previousIndex = (first.index - 1) as LogIndex
  let bytes = 0
  for (const entry of entries) bytes += sizeOf(entry)
  state.send.push({
    kind: 'AppendEntries',
    from: state.id,
    to: progress.id,
    term: state.term,
    previous: { term: state.log.termAt(previousIndex), index: previousIndex },
    entries,
    commitIndex: state.commitIndex,
  })
  noteSent(state, progress, last.index, bytes)
}

const canSend = (progress: Progress): boolean =>
  progress.state === 'probe' ? !progress.probeSent : !progress.inFlight.full

export function noteSent(
  state: State,
  progress: Progress,
  lastIndex: LogIndex,
  bytes: number,
): void {
  progress.sentRound = state.round
  if (progress.state === 'probe') progress.probeSent = true
  else {
    progress.inFlight.add(lastIndex, bytes)
    progress.nextIndex = (lastIndex + 1) as LogIndex
  }
}
