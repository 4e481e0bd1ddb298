import { assert } from '../../base/assert.ts'
import { ascending, quantileOf } from './quantile.ts'
import { doubledMidranks } from './ranks.ts'

export type SignedRankTest = {
  /** Two-sided. 1 when no difference is left. */
  readonly p: number
  /** Sum of the ranks of the positive differences. */
  readonly statistic: number
  /** Differences of exactly zero: dropped before ranking, as Wilcoxon did. */
  readonly zerosDropped: number
}

/** Bounds are −∞ and ∞ where so few values cannot give the confidence: see `signedRankInterval`. */
export type Interval = { readonly low: number; readonly high: number; readonly confidence: number }

/**
 * Wilcoxon's signed-rank test of "the differences are symmetric about zero", exact at any size and
 * with ties: every assignment of signs to the observed midranks is counted.
 *
 * Source: Wilcoxon 1945; the exact distribution by dynamic programming over rank sums (Hollander,
 * Wolfe and Chicken, Nonparametric Statistical Methods, §3.1).
 */
export function signedRankTest(differences: readonly number[]): SignedRankTest {
  const kept = differences.filter((difference) => difference !== 0)
  const ranks = doubledMidranks(kept.map(Math.abs))
  const doubled = ranks.reduce((sum, rank, at) => sum + ((kept[at] as number) > 0 ? rank : 0), 0)
  const total = ranks.reduce((sum, rank) => sum + rank, 0)
  const tail = cumulative(sumDistribution(ranks), Math.min(doubled, total - doubled))
  return {
    p: Math.min(1, 2 * tail),
    statistic: doubled / 2,
    zerosDropped: differences.length - kept.length,
  }
}

/** The median of all Walsh averages (dᵢ + dⱼ) / 2, i ≤ j. Source: Hodges and Lehmann 1963. */
export function hodgesLehmann(differences: readonly number[]): number {
  return quantileOf(walshAverages(differences), 0.5)
}

/**
 * The exact interval that inverts the signed-rank test: the k-th smallest to the k-th largest Walsh
 * average. Below six values no 95 % interval exists, and the honest answer is the whole line.
 *
 * Why not a bootstrap of the median: at 6–10 rounds it covers 91–94 % instead of 95 %.
 * Source: Hollander, Wolfe and Chicken §3.3; coverage simulated in METHOD.md.
 */
export function signedRankInterval(differences: readonly number[], confidence = 0.95): Interval {
  const { k, achieved } = walshRank(differences.length, confidence)
  if (k === 0) {
    return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, confidence: 1 }
  }
  const averages = walshAverages(differences)
  return {
    low: averages[k - 1] as number,
    high: averages[averages.length - k] as number,
    confidence: achieved,
  }
}

/**
 * Which Walsh average bounds the interval (1 is the outermost, 0 says that none does), and the
 * confidence that it truly has, at least the wished one.
 */
export function walshRank(
  count: number,
  confidence: number,
): { readonly k: number; readonly achieved: number } {
  assert(confidence > 0 && confidence < 1, `a confidence lies between 0 and 1: ${confidence}`)
  const chances = sumDistribution(Array.from({ length: count }, (_, at) => at + 1))
  let k = 0
  let tail = 0
  while (k < chances.length && 2 * (tail + (chances[k] as number)) <= 1 - confidence + 1e-12) {
    tail += chances[k] as number
    k += 1
  }
  return { k, achieved: 1 - 2 * tail }
}

/** All (dᵢ + dⱼ) / 2 with i ≤ j, ascending. */
function walshAverages(differences: readonly number[]): Float64Array {
  assert(differences.length > 0, 'no difference, no average')
  const averages: number[] = []
  for (const [at, first] of differences.entries()) {
    for (let other = at; other < differences.length; other += 1) {
      averages.push((first + (differences[other] as number)) / 2)
    }
  }
  return ascending(averages)
}

/** `[s]` is the chance that the ranks whose sign falls positive (a fair coin each) sum to s. */
function sumDistribution(ranks: readonly number[]): Float64Array {
  const total = ranks.reduce((sum, rank) => sum + rank, 0)
  const chances = new Float64Array(total + 1)
  chances[0] = 1
  let reached = 0
  for (const rank of ranks) {
    for (let sum = reached; sum >= 0; sum -= 1) {
      const half = (chances[sum] as number) / 2
      chances[sum] = half
      // Descending, so that `sum + rank` has been halved for this rank already.
      chances[sum + rank] = (chances[sum + rank] as number) + half
    }
    reached += rank
  }
  return chances
}

function cumulative(chances: Float64Array, through: number): number {
  let sum = 0
  for (let at = 0; at <= through; at += 1) sum += chances[at] as number
  return sum
}
