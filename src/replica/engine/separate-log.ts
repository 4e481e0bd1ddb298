import { RaftmarkError } from '../../base/errors.ts'
import { LogIndex } from '../../contract/types.ts'
import type { Restored, TermStart } from '../consensus/core.ts'
import type { Persist } from '../consensus/effects.ts'
import type { Entry } from '../consensus/message.ts'
import type { Store, StoreCounters } from '../store/store.ts'
import type { Layout } from './design.ts'

type Done = (error?: Error) => void

/**
 * Axis G, `separate-log`: what a system does that has a log of its own and puts Raft in front of
 * it. A committed entry that was applied is written once more, to the partition's own log; when
 * that is durable the Raft log is compacted behind it. Neither acknowledgements nor replication
 * wait for it.
 *
 * The partition's log holds all committed entries as they are, also those without records, so the
 * two logs together are one without a gap: followers that lag are served from it, a restart reads
 * it and then the tail of the Raft log, and no snapshot is needed. What offsets and producers'
 * sequences are follows from the entries, as in the other layout.
 *
 * An entry goes there only when it is durable in this node's Raft log. So after any crash the Raft
 * log ends at the same entry or later.
 */
export class SeparateLog implements Store {
  /** Both logs as one. */
  readonly restored: Restored
  /** The end of the partition's own log when it was opened: committed in an earlier life. */
  readonly committedIndex: LogIndex
  readonly #raftLog: Store
  readonly #partitionLog: Store
  /** Applied, and not yet handed to the partition's log. */
  #applied: Entry[] = []
  /** Of the first entry that the partition's log was not given. */
  #nextIndex: number
  /** What the Raft log holds durably, as the engine last said. */
  #durableIndex = LogIndex(0)
  #isWriting = false
  #writes = 0
  #failure: Error | undefined

  /** Throws RaftmarkError `store-refused` when the two cannot be parts of one log. */
  constructor(raftLog: Store, partitionLog: Store) {
    this.restored = joined(raftLog.restored, partitionLog.restored)
    this.committedIndex = partitionLog.restored.lastIndex
    this.#raftLog = raftLog
    this.#partitionLog = partitionLog
    this.#nextIndex = this.committedIndex + 1
  }

  /** Of both logs. */
  get counters(): StoreCounters {
    const raft = this.#raftLog.counters
    const partition = this.#partitionLog.counters
    return {
      ...raft,
      syncs: raft.syncs + partition.syncs,
      bytesWritten: raft.bytesWritten + partition.bytesWritten,
      writes: raft.writes + partition.writes,
    }
  }

  persist(write: Persist, done: Done): void {
    this.#raftLog.persist(write, done)
  }

  /** As the port says, but for one cut more: where the partition's log ends. */
  read(start: LogIndex, end: LogIndex, bytesMax: number): readonly Entry[] {
    if (this.#failure !== undefined) throw this.#failure
    if (start >= this.#nextIndex) return this.#raftLog.read(start, end, bytesMax)
    const cut = LogIndex(Math.min(end, this.#nextIndex))
    return this.#partitionLog.read(start, cut, bytesMax)
  }

  /** Nobody but this class knows what may go. */
  compact(): void {}

  close(done: Done): void {
    this.#partitionLog.close((error) => this.#raftLog.close((other) => done(error ?? other)))
  }

  /** These entries follow those applied before; after a restart from the first one on. */
  applied(entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.index >= this.#nextIndex) this.#applied.push(entry)
  }

  /**
   * Writes on what was applied, as far as the Raft log holds it durably: one write at a time, and
   * what is applied meanwhile goes into the next. Returns why it cannot go on, if it cannot.
   */
  writeThrough(durableIndex: LogIndex): string | undefined {
    this.#durableIndex = durableIndex
    this.#maybeWrite()
    return this.#failure === undefined ? undefined : `partition log: ${this.#failure.message}`
  }

  #maybeWrite(): void {
    if (this.#isWriting || this.#failure !== undefined) return
    const entries = this.#applied.splice(0, this.#durableIndex - this.#nextIndex + 1)
    if (entries.length === 0) return
    const through = LogIndex(this.#nextIndex + entries.length - 1)
    this.#writes += 1
    this.#isWriting = true
    const write = { id: this.#writes, hardState: undefined, truncateFrom: undefined, entries }
    this.#nextIndex = through + 1
    this.#partitionLog.persist(write, (error) => this.#written(through, error))
  }

  #written(through: LogIndex, error: Error | undefined): void {
    this.#isWriting = false
    if (error !== undefined) {
      this.#failure ??= error
      return
    }
    this.#raftLog.compact(through)
    this.#maybeWrite()
  }
}

/** What an engine is given of a layout. */
export type OpenedLog = { readonly store: Store; readonly separateLog: SeparateLog | undefined }

/**
 * Folders of a node, each with one for each group: Raft logs, and what a partition keeps itself.
 */
export type LogFolder = 'groups' | 'partitions'

/**
 * Opens what `layout` needs with `open`. Throws RaftmarkError `store-refused`, with nothing left
 * open, when the directories were written with another layout.
 */
export function openLog(layout: Layout, open: (folder: LogFolder) => Store): OpenedLog {
  const raftLog = open('groups')
  try {
    if (layout === 'separate-log') {
      const partitionLog = open('partitions')
      try {
        const separateLog = new SeparateLog(raftLog, partitionLog)
        return { store: separateLog, separateLog }
      } catch (error) {
        partitionLog.close(() => {})
        throw error
      }
    }
    const first = firstIndexOf(raftLog.restored)
    if (first === 1) return { store: raftLog, separateLog: undefined }
    throw refused(`the Raft log begins at entry ${first}: those before it are in a separate log`)
  } catch (error) {
    raftLog.close(() => {})
    throw error
  }
}

const firstIndexOf = ({ terms, lastIndex }: Restored): number =>
  terms[0]?.firstIndex ?? lastIndex + 1

function joined(raft: Restored, partition: Restored): Restored {
  const first = firstIndexOf(raft)
  const { lastIndex: applied, terms } = partition
  if (partition.hardState.term !== 0) throw refused('the partition’s log holds a vote: it is none')
  if (firstIndexOf(partition) !== 1) throw refused('the partition’s log has lost its beginning')
  if (first > applied + 1) {
    const held = `the partition’s log ends at entry ${applied}, the Raft log begins at ${first}`
    throw refused(`${held}: what is between is held by neither`)
  }
  if (raft.lastIndex < applied) {
    const held = `the Raft log ends at entry ${raft.lastIndex}, the partition’s log at ${applied}`
    throw refused(`${held}: the Raft log has lost what was durable in it`)
  }
  if (first <= applied && termAt(raft.terms, applied) !== termAt(terms, applied)) {
    throw refused(`the two logs hold entry ${applied} of different terms`)
  }
  const rest = raft.terms
    .map(({ term, firstIndex }) => ({
      term,
      firstIndex: LogIndex(Math.max(firstIndex, applied + 1)),
    }))
    .filter(
      ({ firstIndex }, at, all) => firstIndex < (all[at + 1]?.firstIndex ?? raft.lastIndex + 1),
    )
  const continued = rest[0]?.term === terms.at(-1)?.term ? rest.slice(1) : rest
  return { ...raft, terms: [...terms, ...continued] }
}

const termAt = (terms: readonly TermStart[], index: number): number =>
  terms.findLast(({ firstIndex }) => firstIndex <= index)?.term ?? 0

const refused = (found: string): RaftmarkError =>
  new RaftmarkError('store-refused', found, {
    nextStep:
      'Start the node with the layout that wrote its directory (a subject with @separate-log, or ' +
      'without), and with all of that directory; or remove it and give the node a new id.',
  })
