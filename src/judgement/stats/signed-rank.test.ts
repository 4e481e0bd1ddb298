import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hodgesLehmann, signedRankInterval, signedRankTest, walshRank } from './signed-rank.ts'

/** Hamilton depression scale, before − after: the example of R's help page ?wilcox.test. */
const depression = [0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01]

describe('signedRankTest', () => {
  test('agrees with R and SciPy on the depression scores', () => {
    // R 4: wilcox.test(x, y, paired = TRUE): V = 40, p-value = 0.03906
    // SciPy 1.17.1: stats.wilcoxon(d, method='exact').pvalue == 0.0390625
    expect(signedRankTest(depression)).toEqual({ p: 0.0390625, statistic: 40, zerosDropped: 0 })
  })

  test('is exact with ties, by midranks', () => {
    // SciPy 1.17.1: stats.wilcoxon(t, method=PermutationMethod(n_resamples=inf)): 8.5, 0.2421875
    const result = signedRankTest([1, 1, -1, 2, 2, 3, -3, 4])
    expect(result.p).toBeCloseTo(0.2421875, 12)
    expect(result.statistic).toBe(36 - 8.5)
  })

  test('drops differences of zero and says how many', () => {
    expect(signedRankTest([...depression, 0, 0])).toEqual({
      p: 0.0390625,
      statistic: 40,
      zerosDropped: 2,
    })
    expect(signedRankTest([0, 0])).toEqual({ p: 1, statistic: 0, zerosDropped: 2 })
  })

  test.each([
    [6, 0.03125],
    [9, 0.00390625],
    [11, 0.0009765625],
  ])('the smallest p of %d rounds is %d', (rounds, p) => {
    expect(signedRankTest(Array.from({ length: rounds }, (_, at) => at + 1)).p).toBe(p)
  })

  test('counts the same as trying all signs', () => {
    const small = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(small, (differences) => {
        expect(signedRankTest(differences).p).toBeCloseTo(pOverAllSigns(differences), 12)
      }),
    )
  })
})

describe('signedRankInterval', () => {
  test('agrees with R on the depression scores', () => {
    // R 4: wilcox.test(d, conf.int = TRUE): 95 percent interval 0.010 0.786, pseudomedian 0.46
    const { low, high } = signedRankInterval(depression)
    expect(low).toBeCloseTo(0.01, 12)
    expect(high).toBeCloseTo(0.786, 12)
    expect(hodgesLehmann(depression)).toBeCloseTo(0.46, 12)
  })

  // Table of k for 95 %: Hollander, Wolfe and Chicken, table A.4; exact counts in METHOD.md.
  test.each([
    [6, 1],
    [7, 3],
    [8, 4],
    [9, 6],
    [10, 9],
    [11, 11],
    [12, 14],
    [13, 18],
    [14, 22],
    [15, 26],
    [16, 30],
    [17, 35],
    [18, 41],
    [19, 47],
    [20, 53],
  ])('with %d rounds the bound is the %d. Walsh average from either end', (rounds, k) => {
    expect(walshRank(rounds, 0.95).k).toBe(k)
    expect(walshRank(rounds, 0.95).achieved).toBeGreaterThanOrEqual(0.95)
  })

  test('six rounds give a confidence of 0.969, five give no interval', () => {
    expect(walshRank(6, 0.95).achieved).toBeCloseTo(0.96875, 12)
    expect(signedRankInterval([1, 2, 3, 4, 5])).toMatchObject({ low: -Infinity, high: Infinity })
  })

  test('is nested: more confidence never gives a narrower interval', () => {
    const values = fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 6, maxLength: 15 })
    fc.assert(
      fc.property(values, (differences) => {
        const wide = signedRankInterval(differences, 0.95)
        const narrow = signedRankInterval(differences, 0.9)
        expect(wide.low).toBeLessThanOrEqual(narrow.low)
        expect(wide.high).toBeGreaterThanOrEqual(narrow.high)
        expect(narrow.low).toBeLessThanOrEqual(hodgesLehmann(differences))
        expect(narrow.high).toBeGreaterThanOrEqual(hodgesLehmann(differences))
      }),
    )
  })
})

/** The dumb second implementation: every sign once. */
function pOverAllSigns(differences: readonly number[]): number {
  const kept = differences.filter((difference) => difference !== 0)
  const sizes = kept.map(Math.abs)
  const rankOf = (size: number) =>
    sizes.filter((other) => other < size).length +
    (sizes.filter((other) => other === size).length + 1) / 2
  const ranks = sizes.map(rankOf)
  const sumOf = (positive: (at: number) => boolean) =>
    ranks.reduce((sum, rank, at) => sum + (positive(at) ? rank : 0), 0)
  const observed = sumOf((at) => (kept[at] ?? 0) > 0)
  const tail = Math.min(observed, sumOf(() => true) - observed)
  let asExtreme = 0
  for (let signs = 0; signs < 2 ** kept.length; signs += 1) {
    if (sumOf((at) => ((signs >> at) & 1) === 1) <= tail) asExtreme += 1
  }
  return Math.min(1, (2 * asExtreme) / 2 ** kept.length)
}
