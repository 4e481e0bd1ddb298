import { studentQuantile } from './distributions.ts'

/** Below six pairs no difference, however large, gives p < 0.05: 2 / 2⁵ is 0.0625. */
export const ROUNDS_MIN = 6

/** The chance with which a difference called detectable would have been found. */
const POWER = 0.8

/** Pairs needed by Student's test per pair needed by the signed-rank test, for normal noise. */
const SIGNED_RANK_EFFICIENCY = 3 / Math.PI

/**
 * The smallest ratio (≥ 1) that an experiment with these log ratios would have told from 1 at 95 %
 * confidence in four of five repetitions: exp((t₀.₉₇₅ + t₀.₈) · s / √(n · 3/π)) with n − 1 degrees
 * of freedom, s the standard deviation of the log ratios. `undefined` below six rounds, where no
 * difference could have been found.
 *
 * Doubt: s is itself estimated; at 10 rounds it is off by up to a third either way.
 * Source: power of the one-sample t-test, with the signed-rank test's asymptotic efficiency of
 * 3/π (Lehmann, Nonparametrics, §4.2).
 */
export function detectableRatio(logRatios: readonly number[]): number | undefined {
  const spread = logRatioSpread(logRatios)
  return spread === undefined ? undefined : detectableAt(spread, logRatios.length)
}

/** The same for a spread that is known from elsewhere, such as from an A/A experiment. */
export function detectableAt(spread: number, rounds: number): number | undefined {
  if (rounds < ROUNDS_MIN) return undefined
  const quantiles = studentQuantile(0.975, rounds - 1) + studentQuantile(POWER, rounds - 1)
  return Math.exp((quantiles * spread) / Math.sqrt(rounds * SIGNED_RANK_EFFICIENCY))
}

/** Standard deviation of log ratios; `undefined` below six rounds, where it is a guess. */
export const logRatioSpread = (logRatios: readonly number[]): number | undefined =>
  logRatios.length < ROUNDS_MIN ? undefined : deviationOf(logRatios)

/** The sample standard deviation, with n − 1 below. */
function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1))
}
