import { assert } from '../../base/assert.ts'
import { LogIndex, Term } from '../../contract/types.ts'
import type { Persist } from '../consensus/effects.ts'
import type { Entry } from '../consensus/message.ts'
import type { Done } from './group-sync.ts'
import type { Store, StoreAdapter } from './store.ts'

/**
 * Keeps everything in memory and survives nothing. With a sync delay around it, it is a disk whose
 * speed is known: that is what the headline figures are measured over.
 */
export const memoryAdapter: StoreAdapter = {
  name: 'memory',
  durabilities: ['D0'],
  open: () => new MemoryStore(),
}

class MemoryStore implements Store {
  readonly restored = {
    hardState: { term: Term(0), votedFor: undefined },
    terms: [],
    lastIndex: LogIndex(0),
    tail: [],
  }
  readonly counters = { syncs: 0, bytesWritten: 0, writes: 0 }
  readonly #entries = new EntryChunks()

  persist(write: Persist, done: Done): void {
    const { truncateFrom } = write
    if (truncateFrom !== undefined) this.#entries.truncate(truncateFrom - 1)
    for (const entry of write.entries) this.#entries.append(entry)
    done()
  }

  read(start: LogIndex, end: LogIndex, bytesMax: number): readonly Entry[] {
    const entries = this.#entries
    assert(start < end && end <= entries.count + 1, 'the range is not in the log', start, end)
    assert(start > entries.forgotten, 'the range was compacted', start, end)
    const found: Entry[] = []
    let bytes = 0
    for (let index: number = start; index < end; index += 1) {
      const entry = entries.at(index)
      bytes += entry.payload.length
      if (bytes > bytesMax && found.length > 0) break
      found.push(entry)
    }
    return found
  }

  compact(through: LogIndex): void {
    this.#entries.forget(through)
  }

  close(done: Done): void {
    done()
  }
}

/** Entries in one chunk: an array that never grows is never copied, however long the log. */
const CHUNK_ENTRIES = 4_096

/** In the place of a chunk whose entries were all forgotten. */
const FORGOTTEN: Entry[] = []

/** A log from index 1 on, of which the oldest chunks may be forgotten. */
class EntryChunks {
  readonly #chunks: Entry[][] = []
  #count = 0
  #forgottenChunks = 0
  #forgotten = 0

  get count(): number {
    return this.#count
  }

  /** Entries up to here are not read any more. */
  get forgotten(): number {
    return this.#forgotten
  }

  forget(through: number): void {
    assert(through <= this.#count, 'the log ends before it', through)
    this.#forgotten = Math.max(this.#forgotten, through)
    const whole = Math.floor(this.#forgotten / CHUNK_ENTRIES)
    for (; this.#forgottenChunks < whole; this.#forgottenChunks += 1) {
      this.#chunks[this.#forgottenChunks] = FORGOTTEN
    }
  }

  append(entry: Entry): void {
    assert(entry.index === this.#count + 1, 'a gap before the entry', entry.index)
    const at = this.#count % CHUNK_ENTRIES
    const chunk = at === 0 ? this.#newChunk() : (this.#chunks[this.#chunks.length - 1] as Entry[])
    chunk[at] = entry
    this.#count += 1
  }

  at(index: number): Entry {
    const place = index - 1
    return this.#chunks[Math.floor(place / CHUNK_ENTRIES)]?.[place % CHUNK_ENTRIES] as Entry
  }

  /** Keeps the first `count` entries. */
  truncate(count: number): void {
    if (count >= this.#count) return
    this.#count = count
    this.#chunks.length = Math.ceil(count / CHUNK_ENTRIES)
  }

  #newChunk(): Entry[] {
    const chunk = new Array<Entry>(CHUNK_ENTRIES)
    this.#chunks.push(chunk)
    return chunk
  }
}
