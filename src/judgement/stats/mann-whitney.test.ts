import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareUnpaired } from './compare-unpaired.ts'
import { cliffsDelta, cliffsDeltaWord, mannWhitney, shiftInterval } from './mann-whitney.ts'

/** Permeability of membranes: the example of R's help page ?wilcox.test. */
const atTerm = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
const early = [1.15, 0.88, 0.9, 0.74, 1.21]

describe('mannWhitney', () => {
  test('agrees with R and SciPy on the membranes', () => {
    // R 4: wilcox.test(x, y): W = 35, p-value = 0.2544
    // SciPy 1.17.1: stats.mannwhitneyu(a, b, method='exact'): 35.0, 0.2544122544122544
    const result = mannWhitney(atTerm, early)
    expect(result.u).toBe(35)
    expect(result.p).toBeCloseTo(0.2544122544122544, 12)
  })

  test('is exact with ties', () => {
    // SciPy 1.17.1: stats.mannwhitneyu(ta, tb, method=PermutationMethod(n_resamples=inf)):
    // 5.0, 0.2698412698412698
    const result = mannWhitney([1, 2, 2, 3, 5], [2, 4, 4, 6])
    expect(result.u).toBe(5)
    expect(result.p).toBeCloseTo(0.2698412698412698, 12)
  })

  test('4 + 4 runs give no smaller p than 0.0286', () => {
    expect(mannWhitney([1, 2, 3, 4], [5, 6, 7, 8]).p).toBeCloseTo(0.02857142857142857, 12)
  })

  test('swapping the groups keeps p and mirrors U', () => {
    const group = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(group, group, (a, b) => {
        const one = mannWhitney(a, b)
        const other = mannWhitney(b, a)
        expect(other.p).toBeCloseTo(one.p, 12)
        expect(one.u + other.u).toBe(a.length * b.length)
      }),
    )
  })
})

describe('shiftInterval', () => {
  test('agrees with R on the membranes', () => {
    // R 4: wilcox.test(y, x, conf.int = TRUE): 95 percent interval −0.76 0.15, location −0.305
    const { estimate, low, high } = shiftInterval(atTerm, early)
    expect(estimate).toBeCloseTo(-0.305, 12)
    expect(low).toBeCloseTo(-0.76, 12)
    expect(high).toBeCloseTo(0.15, 12)
  })

  test('3 + 3 values give no 95 % interval', () => {
    expect(shiftInterval([1, 2, 3], [7, 8, 9])).toMatchObject({ low: -Infinity, high: Infinity })
  })
})

describe('cliffsDelta', () => {
  test('is 1 when b always exceeds a, 0 when neither does', () => {
    expect(cliffsDelta([1, 2], [3, 4])).toBe(1)
    expect(cliffsDelta([3, 4], [1, 2])).toBe(-1)
    expect(cliffsDelta([1, 2], [1, 2])).toBe(0)
  })

  test('is U of the other order, rescaled: 2U/nm − 1', () => {
    expect(cliffsDelta(early, atTerm)).toBeCloseTo((2 * 35) / 50 - 1, 12)
    expect(cliffsDeltaWord(0.4)).toBe('medium')
    expect(cliffsDeltaWord(-0.5)).toBe('large')
  })
})

test('runs without shared rounds get a ratio and no verdict', () => {
  const a = [10, 11, 9, 10, 10.5]
  const result = compareUnpaired(
    a,
    a.map((value) => 2 * value),
  )

  expect(result).toMatchObject({ unpaired: true, cliffsDelta: 1, runsA: 5, runsB: 5 })
  expect(result.estimate).toBeCloseTo(2, 9)
  expect(result.low).toBeGreaterThan(1.7)
  expect(compareUnpaired([1, 2, 3], [4, 5, 6]).low).toBeUndefined()
})
