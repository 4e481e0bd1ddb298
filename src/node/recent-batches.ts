import { assert } from '../base/assert.ts'

/** Batches are copied into chunks of this size, or of their own if one is larger. */
const CHUNK_BYTES = 1024 * 1024

type Chunk = {
  readonly bytes: Uint8Array
  /** Of each batch: offset of its first record, and where it ends in `bytes`. */
  readonly baseOffsets: number[]
  readonly ends: number[]
}

/**
 * The last batches of a partition, up to a number of bytes. They are copied: a hundred thousand
 * small views of frames, kept, cost a third of the node's time in the garbage collector; numbers
 * do not.
 */
export class RecentBatches {
  readonly #chunksMax: number
  readonly #chunks: Chunk[] = []
  #endOffset = 0

  constructor(bytesMax: number) {
    this.#chunksMax = Math.max(1, Math.floor(bytesMax / CHUNK_BYTES))
  }

  /** Offset of the first record that is still there. */
  get startOffset(): number {
    return this.#chunks[0]?.baseOffsets[0] ?? this.#endOffset
  }

  /** Offset of the next record. */
  get endOffset(): number {
    return this.#endOffset
  }

  append(batch: Uint8Array, recordCount: number): void {
    let chunk = this.#chunks.at(-1)
    let start = chunk?.ends.at(-1) ?? 0
    if (chunk === undefined || start + batch.length > chunk.bytes.length) {
      chunk = this.#newChunk(batch.length)
      start = 0
    }
    chunk.bytes.set(batch, start)
    chunk.baseOffsets.push(this.#endOffset)
    chunk.ends.push(start + batch.length)
    this.#endOffset += recordCount
  }

  /**
   * Copies of batches from the one that holds `offset`, which is at or after `startOffset`: up to
   * `bytesMax` bytes, but at least one. None at the end.
   */
  from(offset: number, bytesMax: number): { baseOffset: number; batch: Uint8Array }[] {
    assert(offset >= this.startOffset, 'the offset is no longer there')
    const found: { baseOffset: number; batch: Uint8Array }[] = []
    if (offset >= this.#endOffset) return found
    let bytes = 0
    let chunkAt = lastAtMost(this.#chunks, offset, firstOffsetOf)
    let at = lastAtMost(this.#chunks[chunkAt]?.baseOffsets ?? [], offset, Number)
    for (; chunkAt < this.#chunks.length; chunkAt += 1) {
      const chunk = this.#chunks[chunkAt] as Chunk
      for (; at < chunk.ends.length; at += 1) {
        const start = at === 0 ? 0 : (chunk.ends[at - 1] as number)
        const batch = chunk.bytes.slice(start, chunk.ends[at])
        bytes += batch.length
        if (found.length > 0 && bytes > bytesMax) return found
        found.push({ baseOffset: chunk.baseOffsets[at] as number, batch })
      }
      at = 0
    }
    return found
  }

  #newChunk(bytesMin: number): Chunk {
    const oldest = this.#chunks.length < this.#chunksMax ? undefined : this.#chunks.shift()
    const isLarge = oldest !== undefined && oldest.bytes.length >= bytesMin
    const bytes = isLarge ? oldest.bytes : new Uint8Array(Math.max(CHUNK_BYTES, bytesMin))
    const chunk = { bytes, baseOffsets: [], ends: [] }
    this.#chunks.push(chunk)
    return chunk
  }
}

const firstOffsetOf = ({ baseOffsets }: Chunk): number => baseOffsets[0] ?? 0

/** Place of the last item whose value is at most `limit`, by halving. */
function lastAtMost<T>(items: readonly T[], limit: number, offsetOf: (item: T) => number): number {
  let low = 0
  let high = items.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (offsetOf(items[middle] as T) <= limit) low = middle
    else high = middle
  }
  return low
}
