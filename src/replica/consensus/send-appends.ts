import type { EntryId, LogIndex } from '../../contract/types.ts'
import type { Entry } from './message.ts'
import type { Progress } from './progress.ts'
import { sizeOf } from './raft-log.ts'
import { noteSent } from './replication.ts'
import { hit, type State } from './state.ts'

/** A stretch of the log that fits one message. Followers that need the same one share it. */
type Batch = {
  readonly previous: EntryId
  readonly entries: readonly Entry[]
  readonly lastIndex: LogIndex
  readonly bytes: number
}

/** Not frozen, as `NONE` of take.ts is not. */
const NO_ENTRIES: readonly Entry[] = []

/**
 * Sends each follower what it lacks, as far as its window goes. Called once in a take, so that
 * all proposals since the last one leave together. A commit alone sends nothing: followers learn of
 * it with the next append or heartbeat, as Kafka's do. `written`: what this take writes, shared.
 */
export function sendAppends(state: State, written: readonly Entry[]): void {
  // Axis C: a serial leader sends what is durable here; a parallel one sends while it writes.
  const lastIndex = state.serialDisk ? state.writes.durableIndex : state.log.lastIndex
  if (lastIndex < state.log.lastIndex) hit(state, 'disk/leader-sends-durable-only')
  const shared: Batch[] = []
  for (const progress of state.followers) {
    if (progress.state === 'probe') sendProbe(state, progress, lastIndex, shared, written)
    else sendPipelined(state, progress, lastIndex, shared, written)
  }
}

function sendProbe(
  state: State,
  progress: Progress,
  lastIndex: LogIndex,
  shared: Batch[],
  written: readonly Entry[],
): void {
  if (progress.probeSent || progress.loading) return
  if (progress.nextIndex > lastIndex) sendEmpty(state, progress)
  else sendBatch(state, progress, lastIndex, shared, written)
}

function sendPipelined(
  state: State,
  progress: Progress,
  lastIndex: LogIndex,
  shared: Batch[],
  written: readonly Entry[],
): void {
  const firstUnsent = progress.nextIndex
  while (progress.nextIndex <= lastIndex && !progress.loading) {
    if (progress.inFlight.full) {
      hit(state, 'replication/window-full')
      break
    }
    sendBatch(state, progress, lastIndex, shared, written)
  }
  if (progress.askAgain && progress.nextIndex === firstUnsent) sendEmpty(state, progress)
  progress.askAgain = false
}

/** Asks whether the logs agree just before `nextIndex`. Takes no room in the window. */
function sendEmpty(state: State, progress: Progress): void {
  const { log, id, term, commitIndex } = state
  const index = (progress.nextIndex - 1) as LogIndex
  const previous = { term: log.termAt(index), index }
  const to = progress.id
  const entries = NO_ENTRIES
  state.send.push({ kind: 'AppendEntries', from: id, to, term, previous, entries, commitIndex })
  progress.sentRound = state.round
  if (progress.state === 'probe') progress.probeSent = true
}

function sendBatch(
  state: State,
  progress: Progress,
  lastIndex: LogIndex,
  shared: Batch[],
  written: readonly Entry[],
): void {
  if (progress.nextIndex < state.log.firstIndexInMemory) {
    askToLoad(state, progress)
    return
  }
  const batch = batchFrom(state, progress.nextIndex, lastIndex, shared, written)
  const { id, term, commitIndex } = state
  const { previous, entries } = batch
  const to = progress.id
  state.send.push({ kind: 'AppendEntries', from: id, to, term, previous, entries, commitIndex })
  noteSent(state, progress, batch.lastIndex, batch.bytes)
}

/** What memory has dropped is read by the engine, one message's worth at a time. */
function askToLoad(state: State, progress: Progress): void {
  const { firstIndexInMemory } = state.log
  const { messageEntriesMax, messageBytesMax } = state.window
  const { id: to, nextIndex: firstIndex } = progress
  const lastIndex = Math.min(firstIndexInMemory, firstIndex + messageEntriesMax) - 1
  progress.loading = true
  state.load.push({ to, firstIndex, lastIndex: lastIndex as LogIndex, bytesMax: messageBytesMax })
}

/** The entries from `firstIndex` on that one message may hold: at least one, however large. */
function batchFrom(
  state: State,
  firstIndex: LogIndex,
  lastIndex: LogIndex,
  shared: Batch[],
  written: readonly Entry[],
): Batch {
  for (let at = 0; at < shared.length; at += 1) {
    const batch = shared[at] as Batch
    if (batch.previous.index + 1 === firstIndex) return batch
  }
  const { log, window } = state
  const end = Math.min(lastIndex, firstIndex + window.messageEntriesMax - 1) + 1
  let bytes = sizeOf(log.at(firstIndex))
  let next = firstIndex + 1
  for (; next < end; next += 1) {
    const bytesWithNext = bytes + sizeOf(log.at(next as LogIndex))
    if (bytesWithNext > window.messageBytesMax) break
    bytes = bytesWithNext
  }
  const writes = written.length === next - firstIndex && written[0]?.index === firstIndex
  const previousIndex = (firstIndex - 1) as LogIndex
  const batch: Batch = {
    previous: { term: log.termAt(previousIndex), index: previousIndex },
    entries: writes ? written : log.slice(firstIndex, next),
    lastIndex: (next - 1) as LogIndex,
    bytes,
  }
  shared.push(batch)
  return batch
}
