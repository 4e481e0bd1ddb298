import { assert } from '../../base/assert.ts'
import { changeSegments } from './pelt.ts'

/** How a run's windows went: `flat` and the steady tail of `warm-up` are what a user will see. */
export type SteadyClass = 'flat' | 'warm-up' | 'slowdown' | 'no-steady-state'

export type SteadyState = {
  readonly class: SteadyClass
  /** Index of the first window of the steady tail; `undefined` without one. */
  readonly steadyFrom: number | undefined
}

/** Levels that differ by less are one: 0.01 on the natural log scale is 1 %. */
const LEVEL_TOLERANCE = 0.01

/** The share of a run, at its end, that must be steady. */
const STEADY_SHARE_MIN = 0.5

/**
 * Classes a run by its windows' figures (all > 0; throughput, or a latency): change points on the
 * logarithm, then the longest tail whose segments' levels agree with the last one's.
 *
 * Source: Barrett et al., Virtual Machine Warmup Blows Hot and Cold, OOPSLA 2017; warmup_stats.
 */
export function classifySteadiness(
  windows: readonly number[],
  better: 'lower' | 'higher',
): SteadyState {
  assert(windows.length > 0 && windows.every((value) => value > 0), 'windows are above zero')
  const segments = changeSegments(windows.map(Math.log))
  const last = segments.at(-1) as (typeof segments)[number]
  const tolerance = Math.max(last.variance, LEVEL_TOLERANCE)
  const agrees = segments.map(({ mean }) => Math.abs(mean - last.mean) <= tolerance)
  const tail = agrees.lastIndexOf(false) + 1
  const steadyFrom = (segments[tail] ?? last).start
  if (windows.length - steadyFrom < windows.length * STEADY_SHARE_MIN) {
    return { class: 'no-steady-state', steadyFrom: undefined }
  }
  if (tail === 0) return { class: 'flat', steadyFrom }
  const sign = better === 'higher' ? 1 : -1
  const everBetter = segments
    .slice(0, tail)
    .some(({ mean }) => sign * (mean - last.mean) > tolerance)
  return { class: everBetter ? 'slowdown' : 'warm-up', steadyFrom }
}

/** Consecutive values averaged into one, as the name MSER-5 says. */
const BATCH = 5

const BATCHES_MIN = 10

/** Of so few batches some are alike by chance, and would win. Source: White and Robinson 2010. */
const BATCHES_KEPT_MIN = 5

/**
 * How many of the first `series` values to drop so that the standard error of the mean of the rest
 * is least; `undefined` when more than half would go (the run had not warmed up) and below fifty
 * values (nobody can tell). A cheap gate for runs too short for change points.
 *
 * Source: White 1997 (MSER-5): argmin over d of s²(d) / (n − d), on means of five.
 */
export function warmUpLength(series: readonly number[]): number | undefined {
  const batches: number[] = []
  for (let start = 0; start + BATCH <= series.length; start += BATCH) {
    batches.push(series.slice(start, start + BATCH).reduce((sum, value) => sum + value, 0) / BATCH)
  }
  if (batches.length < BATCHES_MIN) return undefined
  let dropped = 0
  let least = Number.POSITIVE_INFINITY
  for (let drop = 0; drop <= batches.length - BATCHES_KEPT_MIN; drop += 1) {
    const rest = batches.slice(drop)
    const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length
    const error = rest.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rest.length ** 2
    if (error < least) {
      least = error
      dropped = drop
    }
  }
  return dropped > batches.length / 2 ? undefined : dropped * BATCH
}
