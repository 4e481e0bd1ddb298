import { expect, test } from 'vitest'
import { fitScalability, type Load } from './usl.ts'

const concurrencies = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64]

test('recovers the law that made exact data', () => {
  const fit = fitScalability(concurrencies.map((n) => ({ concurrency: n, perSecond: rateAt(n) })))

  expect(fit?.lambda).toBeCloseTo(1_000, 3)
  expect(fit?.sigma).toBeCloseTo(0.03, 7)
  expect(fit?.kappa).toBeCloseTo(0.0004, 8)
  expect(fit?.peakConcurrency).toBeCloseTo(Math.sqrt(0.97 / 0.0004), 2)
  expect(fit?.kappaIsUpperBound).toBe(false)
})

test('agrees with SciPy on noisy data', () => {
  const perSecond = [1012, 1921, 3630, 6390, 8520, 10260, 12540, 13650, 14870, 14420]
  const loads = perSecond.map((rate, at): Load => {
    return { concurrency: concurrencies[at] ?? 0, perSecond: rate }
  })
  const fit = fitScalability(loads)

  // SciPy 1.17.1: optimize.curve_fit(lambda n, l, s, k: l*n/(1+s*(n-1)+k*n*(n-1))/X, N, ones):
  // 998.992848, 0.0320054448, 0.000340823850, hence a peak at 53.293
  expect(fit?.lambda).toBeCloseTo(998.992848, 2)
  expect(fit?.sigma).toBeCloseTo(0.0320054448, 6)
  expect(fit?.kappa).toBeCloseTo(0.00034082385, 8)
  expect(fit?.peakConcurrency).toBeCloseTo(53.2931, 2)
})

test('says that kappa is an upper bound when no load lies past the peak', () => {
  const low = [1, 2, 4, 8, 12, 16].map((n) => ({ concurrency: n, perSecond: rateAt(n) }))
  expect(fitScalability(low)?.kappaIsUpperBound).toBe(true)
})

test('five concurrencies are too few', () => {
  const few = [1, 2, 4, 8, 64, 64].map((n) => ({ concurrency: n, perSecond: rateAt(n) }))
  expect(fitScalability(few)).toBeUndefined()
})

test('a system that scales linearly has neither contention nor coherency', () => {
  const fit = fitScalability(concurrencies.map((n) => ({ concurrency: n, perSecond: 500 * n })))
  expect(fit?.lambda).toBeCloseTo(500, 3)
  expect(fit?.sigma).toBeCloseTo(0, 9)
  expect(fit?.kappa).toBeCloseTo(0, 9)
})

function rateAt(n: number): number {
  return (1_000 * n) / (1 + 0.03 * (n - 1) + 0.0004 * n * (n - 1))
}
