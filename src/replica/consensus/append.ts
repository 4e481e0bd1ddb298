import { assert } from '../../base/assert.ts'
import type { EntryId, LogIndex, NodeId } from '../../contract/types.ts'
import { commitThrough } from './commit.ts'
import type { AppendEntries, Entry, Message } from './message.ts'
import { hearLeader } from './roles.ts'
import { hit, type State } from './state.ts'

/**
 * The follower's half of replication. Nothing of an append counts unless the entry before it
 * matches; then the log agrees with the leader's up to the append's own last entry, and no further:
 * that is what is answered and what may be committed. Raft §5.3, Fig. 2.
 */
export function answerAppendEntries(state: State, append: AppendEntries): void {
  hearLeader(state, append.from)
  const { previous, entries } = append
  if (!state.log.has(previous.term, previous.index)) {
    hit(state, 'append/refused-mismatch')
    refuseAppend(state, append, conflictOf(state, previous))
    return
  }
  const lastNewIndex = (previous.index + entries.length) as LogIndex
  appendNew(state, previous.index, entries)
  if (append.commitIndex > lastNewIndex) hit(state, 'commit/follower-by-new-entries')
  commitThrough(state, append.commitIndex < lastNewIndex ? append.commitIndex : lastNewIndex)
  acceptAppend(state, append.from, previous.index, lastNewIndex)
}

/** Keeps what is there and matches: an append that comes late may be shorter than the log. */
function appendNew(state: State, previousIndex: LogIndex, entries: readonly Entry[]): void {
  const { log } = state
  let at = 0
  if (previousIndex < log.lastIndex && entries.length > 0) {
    while (at < entries.length && log.has((entries[at] as Entry).term, indexOf(entries, at)))
      at += 1
    if (at > 0) hit(state, 'append/skipped-held')
    if (at < entries.length) truncateFrom(state, indexOf(entries, at))
  }
  for (; at < entries.length; at += 1) log.append(entries[at] as Entry)
}

const indexOf = (entries: readonly Entry[], at: number): LogIndex => (entries[at] as Entry).index

/** Drops a conflicting suffix here at once, and in the store with the next write. */
function truncateFrom(state: State, index: LogIndex): void {
  if (index > state.log.lastIndex) return
  hit(state, 'append/truncated-conflict')
  assert(index > state.commitIndex, 'a committed entry would be truncated', index)
  state.log.truncateFrom(index)
  state.writes.truncateFrom(index)
  if (index < state.unwrittenIndex) {
    state.unwrittenIndex = index
    const { truncateFrom: earlier } = state
    state.truncateFrom = earlier === undefined || index < earlier ? index : earlier
  }
  // What they say of the log is true no more. To lose an answer is always allowed.
  if (state.afterLog.length > 0) state.afterLog = []
}

/** Acceptances are cumulative, so of several in one take the last one says all. */
function acceptAppend(
  state: State,
  to: NodeId,
  previousIndex: LogIndex,
  matchIndex: LogIndex,
): void {
  const { id: from, term, afterLog } = state
  const response: Message = {
    kind: 'AppendEntriesResponse',
    from,
    to,
    term,
    previousIndex,
    accepted: true,
    matchIndex,
  }
  const last = afterLog[afterLog.length - 1]
  if (
    last !== undefined &&
    last.kind === 'AppendEntriesResponse' &&
    last.accepted &&
    last.to === to &&
    last.matchIndex <= matchIndex
  ) {
    afterLog[afterLog.length - 1] = response
  } else afterLog.push(response)
}

/** Waits for the term alone: it claims nothing of the log that a crash could take back. */
export function refuseAppend(state: State, append: AppendEntries, conflict: EntryId): void {
  state.afterHardState.push({
    kind: 'AppendEntriesResponse',
    from: state.id,
    to: append.from,
    term: state.term,
    previousIndex: append.previous.index,
    accepted: false,
    conflict,
  })
}

/** The last entry here that is not of a later term than the refused one: a whole term is passed. */
function conflictOf(state: State, previous: EntryId): EntryId {
  const index = state.log.lastAtOrBelow(previous.index, previous.term)
  return { term: state.log.termAt(index), index }
}
