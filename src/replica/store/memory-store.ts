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
  /** Entry `index` is at `index - 1`. */
  readonly #entries: Entry[] = []

  persist(write: Persist, done: Done): void {
    const { truncateFrom } = write
    if (truncateFrom !== undefined && truncateFrom <= this.#entries.length) {
      this.#entries.length = truncateFrom - 1
    }
    for (const entry of write.entries) {
      assert(entry.index === this.#entries.length + 1, `gap before entry ${entry.index}`)
      this.#entries.push(entry)
    }
    done()
  }

  read(start: LogIndex, end: LogIndex, bytesMax: number): readonly Entry[] {
    assert(start < end && end <= this.#entries.length + 1, `[${start}, ${end}) is not in the log`)
    let bytes = 0
    let at = start - 1
    for (; at < end - 1; at += 1) {
      bytes += (this.#entries[at] as Entry).payload.length
      if (bytes > bytesMax && at > start - 1) break
    }
    return this.#entries.slice(start - 1, at)
  }

  close(done: Done): void {
    done()
  }
}
