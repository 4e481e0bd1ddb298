import { assert } from '../../../base/assert.ts'

/** Where the frame is that holds an entry. */
export type FrameSpan = {
  readonly segment: number
  readonly byte: number
  readonly frameBytes: number
  readonly firstIndex: number
}

/** Numbers in one row: segment, byte, frame bytes, first index. */
const COLUMNS = 4
const ROWS_AT_FIRST = 32

/** Shared by all that hold nothing: most indexes of a process that has just started. */
const NO_ROWS = new Float64Array(0)

/**
 * Which frame holds which entries: 32 bytes a frame. A frame whose last entries were truncated
 * stays; what follows it in the log begins the next span.
 */
export class FrameIndex {
  #count = 0
  #rows = NO_ROWS

  get size(): number {
    return this.#count
  }

  append(segment: number, byte: number, frameBytes: number, firstIndex: number): void {
    const at = this.#count * COLUMNS
    if (at === this.#rows.length) this.#grow()
    this.#rows[at] = segment
    this.#rows[at + 1] = byte
    this.#rows[at + 2] = frameBytes
    this.#rows[at + 3] = firstIndex
    this.#count += 1
  }

  /** Forgets the frames that hold nothing before `index`. */
  truncate(index: number): void {
    while (this.#count > 0 && this.#firstIndexAt(this.#count - 1) >= index) {
      this.#count -= 1
    }
  }

  /** Forgets the frames in segments before `segment`: they are the oldest. */
  forgetBefore(segment: number): void {
    let forgotten = 0
    while (forgotten < this.#count && (this.#rows[forgotten * COLUMNS] as number) < segment) {
      forgotten += 1
    }
    if (forgotten === 0) return
    this.#rows.copyWithin(0, forgotten * COLUMNS, this.#count * COLUMNS)
    this.#count -= forgotten
  }

  /** The place in the index of the last frame that begins at or before `index`. */
  find(index: number): number {
    let low = 0
    let high = this.#count
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.#firstIndexAt(middle) <= index) low = middle
      else high = middle
    }
    assert(this.#count > 0 && this.#firstIndexAt(low) <= index, 'no entry', index)
    return low
  }

  at(place: number): FrameSpan {
    assert(place >= 0 && place < this.#count, 'no frame there', place)
    const at = place * COLUMNS
    return {
      segment: this.#rows[at] as number,
      byte: this.#rows[at + 1] as number,
      frameBytes: this.#rows[at + 2] as number,
      firstIndex: this.#firstIndexAt(place),
    }
  }

  #firstIndexAt(place: number): number {
    return this.#rows[place * COLUMNS + 3] as number
  }

  #grow(): void {
    const larger = new Float64Array(Math.max(ROWS_AT_FIRST * COLUMNS, 2 * this.#rows.length))
    larger.set(this.#rows)
    this.#rows = larger
  }
}
