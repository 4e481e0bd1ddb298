import { OK, type PartitionHistory, PRODUCE } from '../history/history.ts'
import type { Verdict } from '../history/run-record.ts'
import { mayHaveHappened } from './evidence.ts'

export type OrderSearch = {
  readonly verdict: Verdict
  /** Rows in an order that explains every answer; those missing had no effect. */
  readonly order: readonly number[] | undefined
}

/**
 * The second opinion on `checkGrowth`: tries the orders that real time allows, remembering states
 * that led nowhere, and knows the log only as a list to append to. Exponential in concurrency, so
 * for small histories (about twelve operations); beyond `statesMax` states the verdict is unknown.
 *
 * Source: Wing & Gong 1993 with Lowe's memory of states (Concurrency: Pract. Exper. 2017), as in
 * porcupine; own code.
 */
export function searchOrder(
  partition: PartitionHistory,
  options: { readonly statesMax: number },
): OrderSearch {
  const search = new Search(partition, options.statesMax)
  if (search.step()) return { verdict: 'valid', order: search.order }
  return { verdict: search.exhausted ? 'unknown' : 'invalid', order: undefined }
}

/** Rows are bits of a number. */
const OPERATIONS_MAX = 30

class Search {
  readonly order: number[] = []
  exhausted = false
  readonly #partition: PartitionHistory
  readonly #rows: readonly number[]
  readonly #log: number[] = []
  readonly #seen = new Set<string>()
  readonly #statesMax: number
  #done = 0

  constructor(partition: PartitionHistory, statesMax: number) {
    this.#partition = partition
    this.#statesMax = statesMax
    this.#rows = partition.ids
      .map((_, row) => row)
      .filter((row) => mayHaveHappened(partition, row) || partition.outcomes[row] === OK)
    this.exhausted = this.#rows.length > OPERATIONS_MAX
  }

  /** Whether what is left can be brought into an order after what stands in `order`. */
  step(): boolean {
    if (this.exhausted) return false
    const due = this.#dueNs()
    if (due === Number.POSITIVE_INFINITY && this.#endsAsReadBack()) return true
    const state = `${this.#done}:${this.#log.join()}`
    if (this.#seen.has(state)) return false
    this.#seen.add(state)
    if (this.#seen.size > this.#statesMax) {
      this.exhausted = true
      return false
    }
    return this.#rows.some((row, bit) => this.#try(row, bit, due))
  }

  #try(row: number, bit: number, due: number): boolean {
    if ((this.#done & (1 << bit)) !== 0 || this.#beginNs(row) > due) return false
    const length = this.#log.length
    if (!this.#apply(row)) return false
    this.#done |= 1 << bit
    this.order.push(row)
    if (this.step()) return true
    this.order.pop()
    this.#done &= ~(1 << bit)
    this.#log.length = length
    return false
  }

  /** The moment before which the next operation must have begun. */
  #dueNs(): number {
    let due = Number.POSITIVE_INFINITY
    this.#rows.forEach((row, bit) => {
      const done = (this.#done & (1 << bit)) !== 0
      if (!done && !mayHaveHappened(this.#partition, row)) {
        due = Math.min(due, this.#partition.returnedNs[row] as number)
      }
    })
    return due
  }

  /** A read that may be stale may have taken effect at any time before its answer. */
  #beginNs(row: number): number {
    const { kinds, strong, invokedNs } = this.#partition
    const stale = kinds[row] !== PRODUCE && strong[row] === 0
    return stale ? Number.NEGATIVE_INFINITY : (invokedNs[row] as number)
  }

  #apply(row: number): boolean {
    if (this.#partition.kinds[row] !== PRODUCE) return this.#reads(row)
    const end = this.#partition.start + this.#log.length
    const known = !mayHaveHappened(this.#partition, row)
    if (known && this.#partition.offsets[row] !== end) return false
    this.#log.push(...this.#recordsOf(row))
    return true
  }

  #reads(row: number): boolean {
    const { offsets, highWatermarks, strong, recordStarts, valueOffsets, start } = this.#partition
    const end = start + this.#log.length
    const records = this.#recordsOf(row)
    const first = recordStarts[row] as number
    const from = offsets[row] as number
    const served = records.length === 0 ? from : Math.min(from, valueOffsets[first] as number)
    const matches = records.every(
      (value, at) => valueOffsets[first + at] === served + at && this.#holds(served + at, value),
    )
    if (!matches) return false
    const watermark = highWatermarks[row] as number
    if (watermark < 0) return strong[row] === 0 || records.length > 0 || end <= from
    if (records.length > 0 && served + records.length > watermark) return false
    return this.#mayEndAt(watermark) && (strong[row] === 1 ? end === watermark : end >= watermark)
  }

  /** No reader may see a part of a batch. */
  #mayEndAt(end: number): boolean {
    const { produced, valueRows, start } = this.#partition
    const before = this.#log[end - start - 1]
    const after = this.#log[end - start]
    if (before === undefined || after === undefined) return true
    return valueRows[produced.placeOf(before)] !== valueRows[produced.placeOf(after)]
  }

  #holds(offset: number, value: number): boolean {
    const slot = offset - this.#partition.start
    return slot < 0 || this.#log[slot] === value
  }

  #endsAsReadBack(): boolean {
    const { readBacks, start } = this.#partition
    const end = start + this.#log.length
    let longest = start
    for (const readBack of readBacks) {
      longest = Math.max(longest, readBack.start + readBack.vals.length)
      const same = readBack.vals.every((value, at) => this.#holds(readBack.start + at, value))
      if (!same) return false
    }
    return readBacks.length === 0 || longest === end
  }

  #recordsOf(row: number): readonly number[] {
    const first = this.#partition.recordStarts[row] as number
    return this.#partition.values.slice(
      first,
      first + (this.#partition.recordCounts[row] as number),
    )
  }
}
