import type { Entry } from '../../consensus/message.ts'

/** The end of the log in memory, as much of it as `bytesMax` payload bytes allow. */
export class RecentEntries {
  #entries: Entry[] = []
  #head = 0
  #bytes = 0
  readonly #bytesMax: number

  constructor(options: { readonly bytesMax: number }) {
    this.#bytesMax = options.bytesMax
  }

  /** The first index held; infinite when there is none. */
  get firstIndex(): number {
    return this.#entries[this.#head]?.index ?? Number.POSITIVE_INFINITY
  }

  all(): readonly Entry[] {
    return this.#entries.slice(this.#head)
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry)
      this.#bytes += entry.payload.length
    }
    while (this.#bytes > this.#bytesMax && this.#head < this.#entries.length) this.#dropOldest()
    if (this.#head > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
  }

  truncate(index: number): void {
    while (this.#entries.length > this.#head) {
      const last = this.#entries[this.#entries.length - 1] as Entry
      if (last.index < index) return
      this.#entries.pop()
      this.#bytes -= last.payload.length
    }
  }

  /** Entries in `[start, end)`, all of them held, cut as `Store.read` says. */
  read(start: number, end: number, bytesMax: number): readonly Entry[] {
    const from = this.#head + start - this.firstIndex
    const found: Entry[] = []
    let bytes = 0
    for (let at = from; at < from + end - start; at += 1) {
      const entry = this.#entries[at] as Entry
      bytes += entry.payload.length
      if (found.length > 0 && bytes > bytesMax) break
      found.push(entry)
    }
    return found
  }

  #dropOldest(): void {
    this.#bytes -= (this.#entries[this.#head] as Entry).payload.length
    this.#head += 1
  }
}
