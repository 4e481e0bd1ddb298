import { assert } from '../../base/assert.ts'
import type { LogIndex, Offset } from '../../contract/types.ts'

/** Rows in one chunk: 64 KiB of numbers, so that growth never copies more than that. */
const CHUNK_ROWS = 4_096
/** The first chunk begins small: a node has many partitions, and few are large. */
const ROWS_AT_FIRST = 64

/**
 * Which Raft entry holds which offsets. Entries without records have no row, so the two numbers
 * drift apart at every election; nothing but this table may turn one into the other.
 *
 * 16 bytes an entry. Rows are appended in ascending order of both.
 */
export class OffsetTable {
  readonly #chunks: Float64Array[] = []
  #rows = 0

  get rows(): number {
    return this.#rows
  }

  append(index: LogIndex, baseOffset: Offset): void {
    const at = this.#rows % CHUNK_ROWS
    const chunk = this.#chunkFor(at)
    assert(this.#rows === 0 || index > this.index(this.#rows - 1), 'rows go up by index')
    chunk[at * 2] = index
    chunk[at * 2 + 1] = baseOffset
    this.#rows += 1
  }

  index(row: number): LogIndex {
    return this.#cell(row, 0) as LogIndex
  }

  baseOffset(row: number): Offset {
    return this.#cell(row, 1) as Offset
  }

  /** The row whose entry contains `offset`, given that the log reaches beyond it; -1 if none. */
  rowOf(offset: Offset): number {
    let low = 0
    let high = this.#rows - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      if (this.baseOffset(middle) <= offset) low = middle + 1
      else high = middle - 1
    }
    return high
  }

  /** The last chunk, with room for row `at` of it. */
  #chunkFor(at: number): Float64Array {
    if (at === 0) {
      this.#chunks.push(new Float64Array((this.#rows === 0 ? ROWS_AT_FIRST : CHUNK_ROWS) * 2))
    }
    const chunk = this.#chunks[this.#chunks.length - 1]
    assert(chunk !== undefined, 'a chunk was just made')
    if (at * 2 < chunk.length) return chunk
    const larger = new Float64Array(Math.min(CHUNK_ROWS * 2, chunk.length * 4))
    larger.set(chunk)
    this.#chunks[this.#chunks.length - 1] = larger
    return larger
  }

  #cell(row: number, column: 0 | 1): number {
    assert(row >= 0 && row < this.#rows, 'there is no such row', row)
    return this.#chunks[Math.floor(row / CHUNK_ROWS)]?.[(row % CHUNK_ROWS) * 2 + column] as number
  }
}
