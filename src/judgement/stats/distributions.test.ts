import { expect, test } from 'vitest'
import {
  betaRegularised,
  binomialAtMost,
  logGamma,
  studentAtMost,
  studentQuantile,
} from './distributions.ts'

// All values: SciPy 1.17.1, the call stands beside each.
test('logGamma', () => {
  expect(logGamma(10.5)).toBeCloseTo(13.940625219403763, 12) // special.gammaln(10.5)
  expect(logGamma(0.3)).toBeCloseTo(1.0957979948180756, 12) // special.gammaln(.3)
})

test('the incomplete beta function', () => {
  expect(betaRegularised(0.3, 2.5, 7)).toBeCloseTo(0.6412224629717214, 12) // special.betainc(2.5,7,.3)
  expect(betaRegularised(0, 2, 3)).toBe(0)
  expect(betaRegularised(1, 2, 3)).toBe(1)
})

test('the binomial distribution', () => {
  expect(binomialAtMost(83, 100, 0.9)).toBeCloseTo(0.020598810145300142, 12) // stats.binom.cdf(83,100,.9)
  // stats.binom.cdf(9982,10000,.999)
  expect(binomialAtMost(9982, 10_000, 0.999)).toBeCloseTo(0.014232956443568406, 10)
  expect(binomialAtMost(-1, 10, 0.5)).toBe(0)
  expect(binomialAtMost(10, 10, 0.5)).toBe(1)
})

test('Student’s t', () => {
  expect(studentQuantile(0.975, 9)).toBeCloseTo(2.262157162798205, 10) // stats.t.ppf(.975,9)
  expect(studentQuantile(0.8, 9)).toBeCloseTo(0.8834038596855346, 10) // stats.t.ppf(.8,9)
  expect(studentQuantile(0.975, 1)).toBeCloseTo(12.706204736174694, 9) // stats.t.ppf(.975,1)
  expect(studentQuantile(0.025, 9)).toBeCloseTo(-2.262157162798205, 10)
  expect(studentAtMost(1.5, 4)).toBeCloseTo(0.896, 12) // stats.t.cdf(1.5,4)
})
