import { assert } from '../../base/assert.ts'

/**
 * Natural logarithm of Γ(x) for x > 0, to about 15 digits.
 * Source: Lanczos approximation with g = 7 and nine coefficients (P. Godfrey).
 */
export function logGamma(x: number): number {
  assert(x > 0, `logGamma needs x > 0: ${x}`)
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const shifted = x - 1
  let sum = LANCZOS[0] as number
  for (let at = 1; at < LANCZOS.length; at += 1) sum += (LANCZOS[at] as number) / (shifted + at)
  const base = shifted + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum)
}

/**
 * The regularised incomplete beta function I_x(a, b), for a, b > 0 and x in [0, 1].
 * Source: continued fraction by the modified Lentz method (Numerical Recipes §6.4).
 */
export function betaRegularised(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  )
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a
  return 1 - (front * betaFraction(1 - x, b, a)) / b
}

/** P(X ≤ successes) of a binomial with `trials` and chance `ratio`. */
export function binomialAtMost(successes: number, trials: number, ratio: number): number {
  if (successes < 0) return 0
  if (successes >= trials) return 1
  return betaRegularised(1 - ratio, trials - successes, successes + 1)
}

/** P(T ≤ t) of Student's t with `freedom` degrees of freedom. */
export function studentAtMost(t: number, freedom: number): number {
  const tail = betaRegularised(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
  return t > 0 ? 1 - tail : tail
}

/** The t with P(T ≤ t) = `ratio`, by bisection on `studentAtMost`: exact to about 1e-12. */
export function studentQuantile(ratio: number, freedom: number): number {
  assert(ratio > 0 && ratio < 1, `a quantile's ratio lies between 0 and 1: ${ratio}`)
  if (ratio === 0.5) return 0
  if (ratio < 0.5) return -studentQuantile(1 - ratio, freedom)
  let low = 0
  let high = 1
  while (studentAtMost(high, freedom) < ratio) high *= 2
  for (let step = 0; step < BISECTION_STEPS; step += 1) {
    const middle = (low + high) / 2
    if (studentAtMost(middle, freedom) < ratio) low = middle
    else high = middle
  }
  return (low + high) / 2
}

const BISECTION_STEPS = 80
const FRACTION_STEPS_MAX = 10_000
const FRACTION_PRECISION = 1e-16
/** Stands for zero where the Lentz method would divide by it. */
const TINY = 1e-300

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
]

function betaFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= FRACTION_STEPS_MAX; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / notZero(1 + even * d)
    c = notZero(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / notZero(1 + odd * d)
    c = notZero(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < FRACTION_PRECISION * 4) return fraction
  }
  return fraction
}

function notZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}
