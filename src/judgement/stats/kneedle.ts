import { assert } from '../../base/assert.ts'
import type { Point } from './theil-sen.ts'

/**
 * The point at which a rising, ever steeper curve (latency over rate) turns up: index in `points`,
 * which ascend in x; `undefined` when it never turns. With the 10–12 points of a sweep it is
 * decoration: the rate that keeps the latency goal is the figure to act on.
 *
 * Source: Satopää et al. 2011, "Finding a Kneedle in a Haystack", sensitivity 1: in the unit
 * square the curve falls furthest below the diagonal, and comes back by more than a mean step.
 */
export function kneeOf(points: readonly Point[], sensitivity = 1): number | undefined {
  assert(
    points.every(({ x }, at) => at === 0 || x > (points[at - 1] as Point).x),
    'points ascend in x',
  )
  if (points.length < 3) return undefined
  const xs = unit(points.map(({ x }) => x))
  const ys = unit(points.map(({ y }) => y))
  const depths = xs.map((x, at) => x - (ys[at] as number))
  const meanStep = 1 / (points.length - 1)
  let knee: number | undefined
  for (let at = 1; at < depths.length - 1; at += 1) {
    const depth = depths[at] as number
    const isPeak = depth > (depths[at - 1] as number) && depth >= (depths[at + 1] as number)
    if (!isPeak || (knee !== undefined && depth <= (depths[knee] as number))) continue
    const threshold = depth - sensitivity * meanStep
    if (depths.slice(at + 1).some((later) => later < threshold)) knee = at
  }
  return knee
}

/** Mapped onto 0–1; all equal values become 0. */
function unit(values: readonly number[]): readonly number[] {
  const low = Math.min(...values)
  const width = Math.max(...values) - low
  return values.map((value) => (width === 0 ? 0 : (value - low) / width))
}
