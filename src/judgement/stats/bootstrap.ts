import { assert } from '../../base/assert.ts'
import { prngFromSeed } from '../../base/prng.ts'
import { ascending, quantileOf } from './quantile.ts'

export type BootstrapInterval = {
  readonly low: number
  readonly high: number
  readonly resamples: number
  /** The same seed gives the same interval. */
  readonly seed: number
}

const RESAMPLES = 10_000

/**
 * The percentile interval of `statistic` when rounds are drawn with replacement, and within each
 * the windows: variance is resampled where it arises. A second opinion beside the exact interval,
 * for ten rounds and more; below, it is too narrow (91–94 % for a nominal 95 %).
 *
 * Source: Davison and Hinkley, Bootstrap Methods, §3.8; Kalibera and Jones 2013 for the levels.
 */
export function hierarchicalBootstrap(
  rounds: readonly (readonly number[])[],
  statistic: (rounds: readonly (readonly number[])[]) => number,
  options: { readonly seed: number; readonly resamples?: number; readonly confidence?: number },
): BootstrapInterval {
  assert(rounds.length > 0 && rounds.every(({ length }) => length > 0), 'every round has a window')
  const { seed, resamples = RESAMPLES, confidence = 0.95 } = options
  const prng = prngFromSeed(seed)
  const drawn = <T>(from: readonly T[]): T[] => from.map(() => from[prng.below(from.length)] as T)
  const values = ascending(
    Array.from({ length: resamples }, () => statistic(drawn(rounds).map((round) => drawn(round)))),
  )
  const tail = (1 - confidence) / 2
  return { low: quantileOf(values, tail), high: quantileOf(values, 1 - tail), resamples, seed }
}
