import { assert } from '../../base/assert.ts'
import { ascending, quantileOf } from './quantile.ts'

export type Point = { readonly x: number; readonly y: number }

export type Slope = {
  /** Median of the slopes of all pairs of points. */
  readonly slope: number
  /** About 95 %. */
  readonly low: number
  readonly high: number
}

/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054

/**
 * A slope that up to 29 % of wild points cannot bend, with Sen's interval: whether a backlog grows
 * is whether the interval lies above zero. At least two different x are needed.
 *
 * Source: Theil 1950; Sen 1968 (the interval by the normal approximation of Kendall's tau, with
 * its correction for equal y).
 */
export function theilSen(points: readonly Point[]): Slope {
  const slopes: number[] = []
  for (const [at, one] of points.entries()) {
    for (const other of points.slice(at + 1)) {
      if (other.x !== one.x) slopes.push((other.y - one.y) / (other.x - one.x))
    }
  }
  assert(slopes.length > 0, 'a slope needs two points at different x')
  const sorted = ascending(slopes)
  const halfWidth = Z * Math.sqrt(tauVariance(points))
  const lowAt = Math.round((slopes.length - halfWidth) / 2) - 1
  const highAt = Math.round((slopes.length + halfWidth) / 2)
  return {
    slope: quantileOf(sorted, 0.5),
    low: sorted[Math.max(lowAt, 0)] as number,
    high: sorted[Math.min(highAt, slopes.length - 1)] as number,
  }
}

/** Of Kendall's S: sizes of groups with equal x, or equal y, take away from it. */
function tauVariance(points: readonly Point[]): number {
  const part = (count: number) => count * (count - 1) * (2 * count + 5)
  const ties = (values: readonly number[]) =>
    [...countsOf(values)].reduce((sum, count) => sum + part(count), 0)
  const tied = ties(points.map(({ x }) => x)) + ties(points.map(({ y }) => y))
  return Math.max(0, (part(points.length) - tied) / 18)
}

function countsOf(values: readonly number[]): Iterable<number> {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts.values()
}
