import { assert } from '../../base/assert.ts'
import { ascending, quantileOf } from './quantile.ts'
import { doubledMidranks } from './ranks.ts'
import type { Interval } from './signed-rank.ts'

export type RankSumTest = {
  /** Two-sided. */
  readonly p: number
  /** Pairs (one of `a`, one of `b`) in which a is the larger; equal pairs count a half. */
  readonly u: number
}

/**
 * Mann and Whitney's test of "a and b come from one distribution", exact with ties: all ways to
 * deal the observed midranks into groups of these sizes are counted. For runs that were not made
 * in the same rounds; where rounds exist `comparePaired` needs far fewer of them.
 *
 * Source: Mann and Whitney 1947; Streitberg and Röhmel's shift algorithm for the ties.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): RankSumTest {
  assert(a.length > 0 && b.length > 0, 'both groups need a value')
  const ranks = doubledMidranks([...a, ...b])
  const observed = ranks.slice(0, a.length).reduce((sum, rank) => sum + rank, 0)
  const chances = rankSumDistribution(ranks, a.length)
  const atMost = sumOver(chances, 0, observed)
  const atLeast = sumOver(chances, observed, chances.length - 1)
  const smallestSum = (a.length * (a.length + 1)) / 2
  return { p: Math.min(1, 2 * Math.min(atMost, atLeast)), u: observed / 2 - smallestSum }
}

/**
 * How far b lies above a: the median of all differences b − a, and the exact interval that inverts
 * the test. On logarithms it is a ratio. Source: Hodges and Lehmann 1963; Moses's interval.
 */
export function shiftInterval(
  a: readonly number[],
  b: readonly number[],
  confidence = 0.95,
): Interval & { readonly estimate: number } {
  assert(a.length > 0 && b.length > 0, 'both groups need a value')
  const differences = ascending(a.flatMap((one) => b.map((other) => other - one)))
  const estimate = quantileOf(differences, 0.5)
  const { k, achieved } = rankOfBound(a.length, b.length, confidence)
  if (k === 0) {
    return {
      estimate,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
      confidence: 1,
    }
  }
  return {
    estimate,
    low: differences[k - 1] as number,
    high: differences[differences.length - k] as number,
    confidence: achieved,
  }
}

/**
 * How often a value of b exceeds one of a, less how often it falls below, over all pairs: −1 to 1.
 * Shown beside a ratio, never instead of it. Source: Cliff 1993.
 */
export function cliffsDelta(a: readonly number[], b: readonly number[]): number {
  assert(a.length > 0 && b.length > 0, 'both groups need a value')
  const signs = a.flatMap((one) => b.map((other) => Math.sign(other - one)))
  return signs.reduce((sum, sign) => sum + sign, 0) / signs.length
}

/** The usual words for |delta|. Source: Romano et al. 2006. */
export function cliffsDeltaWord(delta: number): 'negligible' | 'small' | 'medium' | 'large' {
  const size = Math.abs(delta)
  if (size < 0.147) return 'negligible'
  if (size < 0.33) return 'small'
  return size < 0.474 ? 'medium' : 'large'
}

function rankOfBound(aCount: number, bCount: number, confidence: number) {
  const ranks = Array.from({ length: aCount + bCount }, (_, at) => 2 * (at + 1))
  const chances = rankSumDistribution(ranks, aCount)
  const smallest = aCount * (aCount + 1)
  let k = 0
  let tail = 0
  // One step of U is two of the doubled rank sum.
  for (let sum = smallest; sum < chances.length; sum += 2) {
    const next = tail + (chances[sum] as number)
    if (2 * next > 1 - confidence + 1e-12) break
    tail = next
    k += 1
  }
  return { k, achieved: 1 - 2 * tail }
}

/** `[s]` is the chance that `chosen` of the ranks, drawn without replacement, sum to s. */
function rankSumDistribution(ranks: readonly number[], chosen: number): Float64Array {
  const total = ranks.reduce((sum, rank) => sum + rank, 0)
  // `bySize[c][s]`: ways to choose c of the ranks seen so far with sum s, as a share of all ways.
  const bySize = Array.from({ length: chosen + 1 }, () => new Float64Array(total + 1))
  firstOf(bySize)[0] = 1
  for (const [seen, rank] of ranks.entries()) {
    for (let size = Math.min(chosen, seen + 1); size >= 1; size -= 1) {
      addShifted(bySize[size] as Float64Array, bySize[size - 1] as Float64Array, rank)
    }
  }
  const ways = bySize[chosen] as Float64Array
  const all = ways.reduce((sum, count) => sum + count, 0)
  return ways.map((count) => count / all)
}

function firstOf(arrays: readonly Float64Array[]): Float64Array {
  return arrays[0] as Float64Array
}

function addShifted(into: Float64Array, from: Float64Array, by: number): void {
  for (let at = into.length - 1; at >= by; at -= 1) {
    into[at] = (into[at] as number) + (from[at - by] as number)
  }
}

function sumOver(values: Float64Array, first: number, last: number): number {
  let sum = 0
  for (let at = first; at <= last; at += 1) sum += values[at] as number
  return sum
}
