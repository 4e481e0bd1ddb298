import type { Histogram } from 'hdr-histogram-js'

/** A value up to this is counted by itself; above, to one part in 1,024: three digits. */
const SUB_BUCKETS = 2048
const HALF = SUB_BUCKETS / 2
const HALF_BITS = 10

/** 35 minutes: a latency that is longer counts as this. */
export const MICROS_MAX = 2 ** 31 - 1

/**
 * The counts of an HdrHistogram (microseconds, three digits) in the layout of HdrHistogram itself,
 * so that taking them over moves no value.
 *
 * Why not hdr-histogram-js at once: it needs 100 ns a value, this 5; and the generator records
 * three values per request on the thread that has to send the next one in time.
 *
 * Source: G. Tene, HdrHistogram, AbstractHistogram.countsArrayIndex.
 */
export class HdrCounts {
  readonly #counts = new Int32Array(indexOf(MICROS_MAX) + 1)
  #indexMax = -1
  /** Exact, as HdrHistogram keeps it. */
  #microsMax = 0

  /** Values below 0 count as 0, fractions are cut off. */
  record(micros: number): void {
    const whole = micros >= MICROS_MAX ? MICROS_MAX : micros > 0 ? micros | 0 : 0
    const index = indexOf(whole)
    this.#counts[index] = (this.#counts[index] as number) + 1
    if (index > this.#indexMax) this.#indexMax = index
    if (whole > this.#microsMax) this.#microsMax = whole
  }

  /** Hands out what was counted, and forgets it: microseconds. */
  take(): TakenCounts {
    const pairs: number[] = []
    for (let index = 0; index <= this.#indexMax; index += 1) {
      const count = this.#counts[index] as number
      if (count === 0) continue
      pairs.push(index === this.#indexMax ? this.#microsMax : lowestValueAt(index), count)
    }
    this.#counts.fill(0, 0, this.#indexMax + 1)
    this.#indexMax = -1
    this.#microsMax = 0
    return Int32Array.from(pairs)
  }
}

/** Values and how often each came, in turn: `[value, count, value, count, …]`. */
export type TakenCounts = Int32Array

export function addCounts(taken: TakenCounts, into: Histogram): void {
  for (let at = 0; at < taken.length; at += 2) {
    into.recordValueWithCount(taken[at] as number, taken[at + 1] as number)
  }
}

/** `micros` is an integer in [0, MICROS_MAX]. */
function indexOf(micros: number): number {
  const bucket = 32 - HALF_BITS - 1 - Math.clz32(micros | (SUB_BUCKETS - 1))
  return (bucket << HALF_BITS) + (micros >>> bucket)
}

function lowestValueAt(index: number): number {
  if (index < SUB_BUCKETS) return index
  const bucket = (index >>> HALF_BITS) - 1
  return ((index & (HALF - 1)) + HALF) * 2 ** bucket
}
