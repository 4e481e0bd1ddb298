import { prngFromSeed } from '../../base/prng.ts'
import { ascending, quantileOf } from '../stats/quantile.ts'
import { drawTriangular, drawWeights } from './dirichlet.ts'

/** One criterion as the sensitivity of a sum sees it. Weights sum to 1, scores lie in 0–10. */
export type Weighted = {
  readonly criterion: string
  readonly weight: number
  readonly score: number
  readonly low: number
  readonly high: number
}

/**
 * The weight of one criterion at which the sum would reach `threshold`, the others keeping their
 * proportions; `undefined` when no weight in 0–1 can. Source: w* = (T − S₋ᵢ) / (sᵢ − S₋ᵢ).
 */
export function flipWeight(
  cells: readonly Weighted[],
  criterion: string,
  threshold: number,
): number | undefined {
  const others = cells.filter((cell) => cell.criterion !== criterion)
  const cell = cells.find((one) => one.criterion === criterion)
  const rest = others.reduce((sum, one) => sum + one.weight, 0)
  if (cell === undefined || rest === 0) return undefined
  const without = others.reduce((sum, one) => sum + one.weight * one.score, 0) / rest
  if (cell.score === without) return undefined
  const weight = (threshold - without) / (cell.score - without)
  return weight < 0 || weight > 1 + 1e-12 ? undefined : Math.min(1, weight)
}

/** The score that one criterion would need for the sum to reach `threshold`, if in 0–10. */
export function flipScore(
  cells: readonly Weighted[],
  criterion: string,
  threshold: number,
): number | undefined {
  const cell = cells.find((one) => one.criterion === criterion)
  if (cell === undefined || cell.weight === 0) return undefined
  const score = cell.score + (threshold - sumOf(cells)) / cell.weight
  return score < 0 || score > 10 ? undefined : score
}

/** The sum if one score were two points lower, or higher, within 0–10. */
export function tornado(
  cells: readonly Weighted[],
): readonly { readonly criterion: string; readonly low: number; readonly high: number }[] {
  const sum = sumOf(cells)
  return cells.map(({ criterion, weight, score }) => ({
    criterion,
    low: sum + weight * (Math.max(0, score - SWING) - score),
    high: sum + weight * (Math.min(10, score + SWING) - score),
  }))
}

const SWING = 2

export type Robustness = {
  /** `near`: who trusts the profile; `unsure`; `any`: all weightings alike. */
  readonly opinion: 'near' | 'unsure' | 'any'
  /** The share of draws in which the sum stays on the same side of every band's edge. */
  readonly keeps: number
  /** The sum's 5 % and 95 % quantiles. */
  readonly low: number
  readonly high: number
}

/** Weights of a Dirichlet distribution: 50 moves a weight of 30 % by about ±6 points, 20 by ±10. */
const opinions = { near: 50, unsure: 20, any: 'any' } as const

const DRAWS = 5_000

/** In how many weightings, and scores within their intervals, the sum stays in its band. */
export function robustness(
  cells: readonly Weighted[],
  edges: readonly number[],
  options: { readonly seed: number; readonly draws?: number },
): readonly Robustness[] {
  const bandOf = (sum: number) => edges.filter((edge) => sum >= edge).length
  const band = bandOf(sumOf(cells))
  return (['near', 'unsure', 'any'] as const).map((opinion) => {
    const sums = drawSums(cells, opinions[opinion], options)
    const kept = sums.reduce((count, sum) => count + (bandOf(sum) === band ? 1 : 0), 0)
    return {
      opinion,
      keeps: kept / sums.length,
      low: quantileOf(sums, 0.05),
      high: quantileOf(sums, 0.95),
    }
  })
}

/** Sums of draws, ascending. */
export function drawSums(
  cells: readonly Weighted[],
  concentration: number | 'any',
  { seed, draws = DRAWS }: { readonly seed: number; readonly draws?: number },
): Float64Array {
  const prng = prngFromSeed(seed)
  const means = cells.map(({ weight }) => weight)
  const sums = Array.from({ length: draws }, () => {
    const weights = drawWeights(means, concentration, prng)
    return cells.reduce(
      (sum, { low, score, high }, at) =>
        sum + (weights[at] ?? 0) * drawTriangular(low, score, high, prng),
      0,
    )
  })
  return ascending(sums)
}

/** How sure a verdict is of the weights. */
export function robustnessWord(unsure: Robustness): 'robust' | 'moderate' | 'fragile' {
  if (unsure.keeps >= 0.95) return 'robust'
  return unsure.keeps < 0.8 ? 'fragile' : 'moderate'
}

export type RankingFlip = {
  /** Percentage points of weight that must move. */
  readonly points: number
  readonly from: readonly string[]
  readonly to: string
}

/**
 * The least weight that must move between criteria for `lower` to draw level with `higher`;
 * `undefined` when no weights can do it. Both have the same criteria and weights.
 *
 * Greedy is optimal: a point moved from where the lead is largest to where it is smallest closes
 * the most, and the gap is linear in the weights.
 */
export function flipRanking(
  higher: readonly Weighted[],
  lower: readonly Weighted[],
): RankingFlip | undefined {
  const leads = higher.map(({ criterion, weight, score }) => {
    const other = lower.find((one) => one.criterion === criterion)
    return { criterion, weight, lead: score - (other?.score ?? 0) }
  })
  const receiver = leads.reduce((least, one) => (one.lead < least.lead ? one : least))
  let gap = leads.reduce((sum, { weight, lead }) => sum + weight * lead, 0)
  if (gap <= 0) return { points: 0, from: [], to: receiver.criterion }
  let moved = 0
  const from: string[] = []
  for (const donor of [...leads].sort((a, b) => b.lead - a.lead)) {
    const perPoint = donor.lead - receiver.lead
    if (gap <= 1e-12 || perPoint <= 0) break
    const taken = Math.min(donor.weight, gap / perPoint)
    if (taken === 0) continue
    moved += taken
    gap -= taken * perPoint
    from.push(donor.criterion)
  }
  return gap > 1e-9 ? undefined : { points: 100 * moved, from, to: receiver.criterion }
}

function sumOf(cells: readonly Weighted[]): number {
  return cells.reduce((sum, { weight, score }) => sum + weight * score, 0)
}
