import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  carriesQuantile,
  medianOf,
  quantileIfCarried,
  quantileOf,
  samplesNeeded,
} from './quantile.ts'

describe('the suppression rule', () => {
  test.each([
    [0.5, 20],
    [0.9, 100],
    [0.99, 1_000],
    [0.999, 10_000],
    [0.9999, 100_000],
    [0.1, 100],
  ])('the quantile at %d needs %d samples, ten beyond it', (ratio, needed) => {
    expect(samplesNeeded(ratio)).toBe(needed)
    expect(carriesQuantile(needed, ratio)).toBe(true)
    expect(carriesQuantile(needed - 1, ratio)).toBe(false)
  })

  test('a quantile that the samples do not carry is not shown', () => {
    const samples = Float64Array.from({ length: 999 }, (_, at) => at)

    expect(quantileIfCarried(samples, 0.99)).toBeUndefined()
    expect(quantileIfCarried(samples, 0.9)).toBeCloseTo(898.2, 9)
  })
})

describe('quantileOf', () => {
  test('interpolates as NumPy does', () => {
    // SciPy 1.17.1 / NumPy: numpy.quantile([1,2,4,8,16,32], .9) == 24.0
    expect(quantileOf([1, 2, 4, 8, 16, 32], 0.9)).toBe(24)
  })

  test('the median of an even count is the mean of the middle two, in any order given', () => {
    expect(medianOf([9, 1, 4, 2])).toBe(3)
  })

  test('rises with the ratio and stays within the samples', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 30 }),
        fc.double({ noNaN: true, min: 0, max: 1 }),
        fc.double({ noNaN: true, min: 0, max: 1 }),
        (values, one, other) => {
          const sorted = Float64Array.from(values).sort()
          const [low, high] = one < other ? [one, other] : [other, one]
          expect(quantileOf(sorted, low)).toBeLessThanOrEqual(quantileOf(sorted, high) + 1e-6)
          expect(quantileOf(sorted, 0)).toBe(sorted[0])
          expect(quantileOf(sorted, 1)).toBe(sorted[sorted.length - 1])
        },
      ),
    )
  })
})
