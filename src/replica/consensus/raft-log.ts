import { assert } from '../../base/assert.ts'
import { type LogIndex, Term } from '../../contract/types.ts'
import type { Restored } from './core.ts'
import type { Entry } from './message.ts'
import { TermRuns } from './term-runs.ts'

/**
 * Counted for each entry beside its payload, in every limit on bytes: what an entry costs when its
 * payload is empty, so that a limit on bytes bounds those too. About a frame header on the wire.
 */
export const ENTRY_OVERHEAD_BYTES = 32

/** What an entry counts against windows, message sizes, the cache and uncommitted bytes. */
export const sizeOf = (entry: Entry): number => entry.payload.length + ENTRY_OVERHEAD_BYTES

/** Slots of dropped entries before the array is cut: keeps cutting rare and memory bounded. */
const DROPPED_SLOTS_MIN = 1024

const DROPPED: Entry = {
  term: Term(0),
  index: 0 as LogIndex,
  kind: 'noop',
  payload: new Uint8Array(0),
}

/**
 * The log as the core sees it: the terms of all entries, and the last entries themselves. What
 * everybody here is done with is dropped from the front; the store still has it.
 */
export class RaftLog {
  /** `#entries[#head]` is the entry `#firstIndex`; slots before `#head` are dropped. */
  #entries: Entry[]
  #head = 0
  #firstIndex: number
  #bytes = 0
  #lastIndex: LogIndex
  readonly #terms: TermRuns

  constructor(restored: Restored) {
    const { tail, lastIndex, terms } = restored
    const last = tail[tail.length - 1]
    assert(last === undefined || last.index === lastIndex, 'the tail must end at lastIndex')
    this.#entries = [...tail]
    this.#firstIndex = lastIndex - tail.length + 1
    this.#lastIndex = lastIndex
    this.#terms = new TermRuns(terms)
    for (const entry of tail) this.#bytes += sizeOf(entry)
  }

  get lastIndex(): LogIndex {
    return this.#lastIndex
  }

  get lastTerm(): Term {
    return this.#terms.lastTerm
  }

  /** The first entry that is in memory; `lastIndex + 1` if there is none. */
  get firstIndexInMemory(): LogIndex {
    return this.#firstIndex as LogIndex
  }

  termAt(index: LogIndex): Term {
    return index === this.#lastIndex ? this.#terms.lastTerm : this.#terms.at(index)
  }

  /** Whether this log has the entry `term/index`. Everybody has 0/0. */
  has(term: Term, index: LogIndex): boolean {
    return index <= this.#lastIndex && this.termAt(index) === term
  }

  lastAtOrBelow(index: LogIndex, term: Term): LogIndex {
    const inLog = index <= this.#lastIndex ? index : this.#lastIndex
    return this.#terms.lastAtOrBelow(inLog, term)
  }

  append(entry: Entry): void {
    assert(entry.index === this.#lastIndex + 1, 'entries are appended without a gap')
    if (entry.term !== this.#terms.lastTerm) this.#terms.append(entry.term, entry.index)
    this.#entries.push(entry)
    this.#lastIndex = entry.index
    this.#bytes += entry.payload.length + ENTRY_OVERHEAD_BYTES
  }

  /** Drops `index` and all behind it. */
  truncateFrom(index: LogIndex): void {
    while (this.#lastIndex >= index) {
      const entry = this.#lastIndex >= this.#firstIndex ? this.#entries.pop() : undefined
      if (entry !== undefined) this.#bytes -= sizeOf(entry)
      this.#lastIndex = (this.#lastIndex - 1) as LogIndex
    }
    if (this.#firstIndex > this.#lastIndex + 1) this.#firstIndex = this.#lastIndex + 1
    this.#terms.truncateFrom(index)
  }

  /** An entry that is in memory. */
  at(index: LogIndex): Entry {
    return this.#entries[this.#head + index - this.#firstIndex] as Entry
  }

  /** Entries in `[start, end)`, all of them in memory. */
  slice(start: number, end: number): readonly Entry[] {
    const shift = this.#head - this.#firstIndex
    return this.#entries.slice(start + shift, end + shift)
  }

  /** Drops from memory what is at or below `through`, until at most `bytesMax` are left. */
  shrink(through: LogIndex, bytesMax: number): void {
    while (this.#bytes > bytesMax && this.#firstIndex <= through) {
      this.#bytes -= sizeOf(this.#entries[this.#head] as Entry)
      this.#entries[this.#head] = DROPPED
      this.#head += 1
      this.#firstIndex += 1
    }
    if (this.#head >= DROPPED_SLOTS_MIN && this.#head * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
  }
}
