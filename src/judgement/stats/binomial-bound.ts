import { assert } from '../../base/assert.ts'
import { binomialAtMost } from './distributions.ts'

const CONFIDENCE = 0.95
const BISECTION_STEPS = 60

/**
 * The largest chance per trial at which so few events in so many trials still come with a
 * probability of 1 − 0.95: the upper end of Clopper and Pearson's one-sided interval (Biometrika
 * 1934), exact to about 1e-15. Without any event it is 1 − 0.05^(1/trials), just below the "rule of
 * three", 3/trials; without a trial it is 1.
 */
export function chanceAtMost(events: number, trials: number): number {
  assert(events >= 0 && events <= trials, 'no more events than trials', events, trials)
  if (events === trials) return 1
  let low = 0
  let high = 1
  for (let step = 0; step < BISECTION_STEPS; step += 1) {
    const middle = (low + high) / 2
    if (binomialAtMost(events, trials, middle) > 1 - CONFIDENCE) low = middle
    else high = middle
  }
  return high
}
