import { assert } from '../../../base/assert.ts'

/** Where the frame is that holds an entry. */
export type FrameSpan = {
  readonly segment: number
  readonly byte: number
  readonly frameBytes: number
  readonly firstIndex: number
}

const ROOM_AT_FIRST = 256

/**
 * Which frame holds which entries: 20 bytes a frame. A frame whose last entries were truncated
 * stays; what follows it in the log begins the next span.
 */
export class FrameIndex {
  #count = 0
  #firstIndexes = new Float64Array(ROOM_AT_FIRST)
  #segments = new Uint32Array(ROOM_AT_FIRST)
  #bytes = new Uint32Array(ROOM_AT_FIRST)
  #frameBytes = new Uint32Array(ROOM_AT_FIRST)

  get size(): number {
    return this.#count
  }

  append(segment: number, byte: number, frameBytes: number, firstIndex: number): void {
    const at = this.#count
    if (at === this.#firstIndexes.length) this.#grow()
    this.#firstIndexes[at] = firstIndex
    this.#segments[at] = segment
    this.#bytes[at] = byte
    this.#frameBytes[at] = frameBytes
    this.#count = at + 1
  }

  /** Forgets the frames that hold nothing before `index`. */
  truncate(index: number): void {
    while (this.#count > 0 && (this.#firstIndexes[this.#count - 1] as number) >= index) {
      this.#count -= 1
    }
  }

  /** Forgets the frames in segments before `segment`: they are the oldest. */
  forgetBefore(segment: number): void {
    let forgotten = 0
    while (forgotten < this.#count && (this.#segments[forgotten] as number) < segment) {
      forgotten += 1
    }
    if (forgotten === 0) return
    for (const column of [this.#firstIndexes, this.#segments, this.#bytes, this.#frameBytes]) {
      column.copyWithin(0, forgotten, this.#count)
    }
    this.#count -= forgotten
  }

  /** The place in the index of the last frame that begins at or before `index`. */
  find(index: number): number {
    let low = 0
    let high = this.#count
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((this.#firstIndexes[middle] as number) <= index) low = middle
      else high = middle
    }
    assert(this.#count > 0 && (this.#firstIndexes[low] as number) <= index, 'no entry', index)
    return low
  }

  at(place: number): FrameSpan {
    assert(place >= 0 && place < this.#count, 'no frame there', place)
    return {
      segment: this.#segments[place] as number,
      byte: this.#bytes[place] as number,
      frameBytes: this.#frameBytes[place] as number,
      firstIndex: this.#firstIndexes[place] as number,
    }
  }

  #grow(): void {
    this.#firstIndexes = grown(this.#firstIndexes, Float64Array)
    this.#segments = grown(this.#segments, Uint32Array)
    this.#bytes = grown(this.#bytes, Uint32Array)
    this.#frameBytes = grown(this.#frameBytes, Uint32Array)
  }
}

function grown<T extends Float64Array | Uint32Array>(old: T, make: new (size: number) => T): T {
  const larger = new make(2 * old.length)
  larger.set(old)
  return larger
}
