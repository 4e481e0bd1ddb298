import { assert } from '../../base/assert.ts'

/** A stretch of a series with one level and one spread. Half-open, indices from 0. */
export type Segment = {
  readonly start: number
  readonly end: number
  readonly mean: number
  readonly variance: number
}

/** Windows that a segment has at least: fewer carry no variance worth the name. */
export const SEGMENT_MIN = 5

/** Times ln n: what one more change point must be worth. Source: warmup_stats (Barrett 2017). */
const PENALTY_FACTOR = 15

/** The smallest variance, as a share of the whole's: equal neighbours are not infinitely sure. */
const VARIANCE_FLOOR_SHARE = 1e-6

/**
 * The segments of the series that cost least, when a segment of m values costs
 * m · (ln(2π s²) + 1) and each change point 15 · ln n: normal values whose mean and variance may
 * both change. Optimal, not greedy. Fewer than ten values are one segment.
 *
 * Source: Killick, Fearnhead and Eckley 2012 (PELT).
 */
export function changeSegments(series: readonly number[]): readonly Segment[] {
  assert(series.length > 0, 'an empty series has no segments')
  const sums = prefixSums(series)
  const whole = segmentOf(sums, 0, series.length)
  const floor = Math.max(whole.variance * VARIANCE_FLOOR_SHARE, Number.MIN_VALUE * 2 ** 60)
  const penalty = PENALTY_FACTOR * Math.log(series.length)
  const cost = (start: number, end: number): number => {
    const variance = Math.max(segmentOf(sums, start, end).variance, floor)
    return (end - start) * (Math.log(2 * Math.PI * variance) + 1)
  }
  const previous = cheapestPartition(series.length, penalty, cost)
  const segments: Segment[] = []
  for (let end = series.length; end > 0; ) {
    const start = previous[end] as number
    segments.unshift(segmentOf(sums, start, end))
    end = start
  }
  return segments
}

/** `[end]` is where the last segment of the cheapest partition of [0, end) starts. */
function cheapestPartition(
  length: number,
  penalty: number,
  cost: (start: number, end: number) => number,
): readonly number[] {
  const best = new Array<number>(length + 1).fill(Number.POSITIVE_INFINITY)
  const previous = new Array<number>(length + 1).fill(0)
  best[0] = -penalty
  let candidates = [{ start: 0, usableUntil: Number.POSITIVE_INFINITY }]
  for (let end = Math.min(SEGMENT_MIN, length); end <= length; end += 1) {
    candidates = candidates.filter(({ usableUntil }) => end < usableUntil)
    for (const candidate of candidates) {
      const total = (best[candidate.start] as number) + cost(candidate.start, end)
      if (total + penalty < (best[end] as number)) {
        best[end] = total + penalty
        previous[end] = candidate.start
      }
      // Dearer already, it loses to a change point at `end`: as soon as one may follow that.
      if (total > (best[end] as number)) {
        candidate.usableUntil = Math.min(candidate.usableUntil, end + SEGMENT_MIN)
      }
    }
    const start = end + 1 - SEGMENT_MIN
    if (start >= SEGMENT_MIN) candidates.push({ start, usableUntil: Number.POSITIVE_INFINITY })
  }
  return previous
}

type Sums = {
  readonly values: Float64Array
  readonly squares: Float64Array
  readonly centre: number
}

/** Centred first, so that squares of large levels do not swallow small variances. */
function prefixSums(series: readonly number[]): Sums {
  const centre = series.reduce((sum, value) => sum + value, 0) / series.length
  const values = new Float64Array(series.length + 1)
  const squares = new Float64Array(series.length + 1)
  for (const [at, value] of series.entries()) {
    values[at + 1] = (values[at] as number) + value - centre
    squares[at + 1] = (squares[at] as number) + (value - centre) ** 2
  }
  return { values, squares, centre }
}

function segmentOf(sums: Sums, start: number, end: number): Segment {
  const count = end - start
  const mean = ((sums.values[end] as number) - (sums.values[start] as number)) / count
  const square = ((sums.squares[end] as number) - (sums.squares[start] as number)) / count
  return { start, end, mean: mean + sums.centre, variance: Math.max(0, square - mean * mean) }
}
