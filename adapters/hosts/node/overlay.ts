import type { Entry } from 'raftmark/adapter'

/** The end of the log in memory: all that is not committed, and some of what is. */
export class Overlay {
  #entries: Entry[] = []
  /** Which write brought the entry at the same place: never falls along the log. */
  #writes: number[] = []
  #bytes = 0
  /** Entries before it are not here, and those in the map are valid. */
  #firstIndex: number
  readonly #bytesMax: number

  constructor(options: { readonly nextIndex: number; readonly bytesMax: number }) {
    this.#firstIndex = options.nextIndex
    this.#bytesMax = options.bytesMax
  }

  get firstIndex(): number {
    return this.#firstIndex
  }

  /** One past the last entry of the log. */
  get nextIndex(): number {
    return this.#firstIndex + this.#entries.length
  }

  truncate(from: number): void {
    while (this.#entries.length > 0 && this.nextIndex > from) {
      this.#bytes -= this.#entries.pop()?.payload.length ?? 0
      this.#writes.pop()
    }
    this.#firstIndex = Math.min(this.#firstIndex, from)
  }

  append(entries: readonly Entry[], write: number): void {
    for (const entry of entries) {
      this.#entries.push(entry)
      this.#writes.push(write)
      this.#bytes += entry.payload.length
    }
  }

  /** The map has all writes up to this one: the oldest entries may go when they are too many. */
  committed(write: number): void {
    let dropped = 0
    while (this.#bytes > this.#bytesMax && (this.#writes[dropped] ?? Infinity) <= write) {
      this.#bytes -= this.#entries[dropped]?.payload.length ?? 0
      dropped += 1
    }
    if (dropped === 0) return
    this.#entries.splice(0, dropped)
    this.#writes.splice(0, dropped)
    this.#firstIndex += dropped
  }

  /** Adds entries from `[start, end)`, all of them here, to `found` within the limit of bytes. */
  read(start: number, end: number, bytesMax: number, found: Entry[]): void {
    let bytes = found.reduce((sum, entry) => sum + entry.payload.length, 0)
    for (const entry of this.#entries.slice(start - this.#firstIndex, end - this.#firstIndex)) {
      bytes += entry.payload.length
      if (found.length > 0 && bytes > bytesMax) return
      found.push(entry)
    }
  }
}
