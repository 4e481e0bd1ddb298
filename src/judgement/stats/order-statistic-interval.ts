import { assert } from '../../base/assert.ts'
import { binomialAtMost } from './distributions.ts'

/** Ranks from 1: the interval runs from the `low`-th to the `high`-th smallest sample. */
export type RankInterval = {
  readonly low: number
  readonly high: number
  /** The chance that it holds the true quantile, if the samples were independent. */
  readonly coverage: number
}

/**
 * Which order statistics hold the quantile at `ratio`, each tail at most half of 1 − confidence;
 * `undefined` when `count` samples cannot give such an interval at all.
 *
 * Why it is no interval for a subject: requests within a run depend on each other, and at an
 * autocorrelation of 0.9 this nominal 95 % covers 60 %. Reports use it to suppress quantiles and
 * to draw error bars labelled "iid lower bound"; intervals come from between the runs.
 *
 * Source: Hahn and Meeker, Statistical Intervals, §5.2: P(low ≤ Bin(n, q) < high).
 */
export function rankInterval(
  count: number,
  ratio: number,
  confidence = 0.95,
): RankInterval | undefined {
  assert(Number.isSafeInteger(count) && count >= 0, `a count is a whole number: ${count}`)
  const tail = (1 - confidence) / 2
  const atMost = (successes: number) => binomialAtMost(successes, count, ratio)
  // The largest `low` with P(X ≤ low − 1) ≤ tail; the smallest `high` with
  // P(X ≤ high − 1) ≥ 1 − tail.
  const low = firstWhere(count + 1, (rank) => atMost(rank) > tail)
  const high = firstWhere(count + 1, (rank) => atMost(rank) >= 1 - tail) + 1
  if (low < 1 || high > count) return undefined
  return { low, high, coverage: atMost(high - 1) - atMost(low - 1) }
}

/** The smallest whole number in [0, end) that holds, for a condition that stays true once true. */
function firstWhere(end: number, holds: (value: number) => boolean): number {
  let low = 0
  let high = end
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
