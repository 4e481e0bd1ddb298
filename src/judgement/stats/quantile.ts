import { assert } from '../../base/assert.ts'

/**
 * How many samples must lie beyond a quantile before it is printed. With fewer, one slow request
 * moves the figure. Source: the rule of METHOD.md, "Quantiles"; ten gives about ±60 % on the tail
 * share (Poisson, 95 %).
 */
const SAMPLES_BEYOND_MIN = 10

/** Room for the rounding of `1 − ratio` in binary: 100,000 × (1 − 0.9999) is 9.999999999998899. */
const ROUNDING = 1e-6

/**
 * The samples that a run needs before the quantile at `ratio` (0–1, exclusive) may be printed:
 * 1,000 for p99, 10,000 for p99.9. Both tails count, so p10 needs as many as p90.
 */
export function samplesNeeded(ratio: number): number {
  assert(ratio > 0 && ratio < 1, `a quantile's ratio lies between 0 and 1: ${ratio}`)
  return Math.ceil(SAMPLES_BEYOND_MIN / Math.min(ratio, 1 - ratio) - ROUNDING)
}

/** Whether `count` samples carry the quantile at `ratio`: see `samplesNeeded`. */
export function carriesQuantile(count: number, ratio: number): boolean {
  return count >= samplesNeeded(ratio)
}

/**
 * The quantile of ascending `sorted` values, interpolated between neighbours; the caller decides
 * by `carriesQuantile` whether to show it. Source: Hyndman and Fan 1996, definition 7 (R's and
 * NumPy's default).
 */
export function quantileOf(sorted: ArrayLike<number>, ratio: number): number {
  assert(sorted.length > 0, 'a quantile of nothing does not exist')
  assert(ratio >= 0 && ratio <= 1, `a quantile's ratio lies between 0 and 1: ${ratio}`)
  const position = (sorted.length - 1) * ratio
  const below = Math.floor(position)
  const low = sorted[below] as number
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number
  return low + (high - low) * (position - below)
}

/** `quantileOf` where the samples carry it, else `undefined`: what a report shows as n/a. */
export function quantileIfCarried(sorted: ArrayLike<number>, ratio: number): number | undefined {
  return carriesQuantile(sorted.length, ratio) ? quantileOf(sorted, ratio) : undefined
}

/** The middle of `values`, in any order; the mean of the two middle ones when they are even. */
export function medianOf(values: readonly number[]): number {
  return quantileOf(ascending(values), 0.5)
}

/** A sorted copy. */
export function ascending(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).sort()
}
