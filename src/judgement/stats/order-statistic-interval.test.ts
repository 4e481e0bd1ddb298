import { expect, test } from 'vitest'
import { rankInterval } from './order-statistic-interval.ts'

// Exact binomial tail sums, as computed for METHOD.md; (100, .9) agrees with
// SciPy 1.17.1: binom.cdf(95,100,.9) − binom.cdf(83,100,.9) == 0.9557.
test.each([
  [10, 0.5, 2, 9, 0.9785],
  [20, 0.5, 6, 15, 0.9586],
  [100, 0.9, 84, 96, 0.9557],
  [1_000, 0.99, 983, 997, 0.9761],
  [10_000, 0.99, 9_880, 9_920, 0.9558],
  [10_000, 0.999, 9_983, 9_997, 0.9755],
  [100_000, 0.9999, 99_983, 99_997, 0.9754],
])(
  '%d samples bound the quantile at %d by ranks %d and %d',
  (count, ratio, low, high, coverage) => {
    const interval = rankInterval(count, ratio)

    expect(interval).toMatchObject({ low, high })
    expect(interval?.coverage).toBeCloseTo(coverage, 4)
  },
)

test.each([
  [368, 0.99],
  [3_688, 0.999],
  [36_887, 0.9999],
])('%d independent samples are the fewest with a finite interval at %d', (fewest, ratio) => {
  expect(rankInterval(fewest, ratio)).toBeDefined()
  expect(rankInterval(fewest - 1, ratio)).toBeUndefined()
})
