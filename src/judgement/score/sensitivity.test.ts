import { describe, expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { drawTriangular, drawWeights } from './dirichlet.ts'
import { roundedHalfUp, textHalfUp } from './exact.ts'
import {
  drawSums,
  flipRanking,
  flipScore,
  flipWeight,
  robustness,
  tornado,
  type Weighted,
} from './sensitivity.ts'

const names = [
  'correctness',
  'stability',
  'performance',
  'documentation',
  'production-use',
  'community',
  'maintainability',
]
const weights = [0.3, 0.25, 0.15, 0.1, 0.1, 0.05, 0.05]

/** OpenRaft as scored on 16 October 2025: 6.05. The figures below were worked out for METHOD.md. */
const original = cells([6, 4, 7, 9, 6, 6, 8])

describe('exact arithmetic', () => {
  test('6.05 prints as 6.1, where (6.05).toFixed(1) is 6.0', () => {
    expect((6.05).toFixed(1)).toBe('6.0')
    expect(textHalfUp({ above: 605_000, below: 100_000 }, 1)).toBe('6.1')
    expect(textHalfUp({ above: 605_000, below: 100_000 }, 2)).toBe('6.05')
    expect(roundedHalfUp({ above: 605_000, below: 100_000 }, 2)).toBe(6.05)
  })

  test('rounds half up at every digit, thirds included', () => {
    expect(textHalfUp({ above: 1, below: 3 }, 2)).toBe('0.33')
    expect(textHalfUp({ above: 2, below: 3 }, 2)).toBe('0.67')
    expect(textHalfUp({ above: 1, below: 2 }, 0)).toBe('1')
    expect(textHalfUp({ above: 999, below: 100 }, 1)).toBe('10.0')
  })
})

describe('flips of the original evaluation', () => {
  test('only three weights could bring it to 7.0', () => {
    const found = names.map((name) => flipWeight(original, name, 7))
    expect(found.map((weight) => weight && Math.round(weight * 1_000) / 10)).toEqual([
      undefined,
      undefined,
      100,
      39,
      undefined,
      undefined,
      51.3,
    ])
  })

  test('to 6.5, by less stability or more of four others', () => {
    expect(flipWeight(original, 'stability', 6.5)).toBeCloseTo(0.085, 3)
    expect(flipWeight(original, 'documentation', 6.5)).toBeCloseTo(0.237, 3)
    expect(flipWeight(original, 'maintainability', 6.5)).toBeCloseTo(0.269, 3)
    expect(flipWeight(original, 'performance', 6.5)).toBeCloseTo(0.553, 3)
  })

  test('one score alone: correctness 9.17 or stability 7.8, no other', () => {
    expect(flipScore(original, 'correctness', 7)).toBeCloseTo(9.17, 2)
    expect(flipScore(original, 'stability', 7)).toBeCloseTo(7.8, 6)
    expect(names.slice(2).map((name) => flipScore(original, name, 7))).toEqual(
      new Array(5).fill(undefined),
    )
  })

  test('two points either way, within 0–10', () => {
    const swings = tornado(original)
    expect(swings[0]?.low).toBeCloseTo(5.45, 9)
    expect(swings[0]?.high).toBeCloseTo(6.65, 9)
    expect(swings[3]?.low).toBeCloseTo(5.85, 9)
    expect(swings[3]?.high).toBeCloseTo(6.15, 9)
  })
})

describe('draws of weights', () => {
  // Simulated for METHOD.md with 100,000 draws of another generator.
  test.each([
    [50, 0, 0.018, 5.71, 6.4],
    [20, 0.003, 0.085, 5.52, 6.6],
    ['any', 0.206, 0.552, 5.7, 7.45],
  ] as const)('around the profile with %s', (concentration, atLeast7, atLeast65, low, high) => {
    const sums = drawSums(original, concentration, { seed: 1, draws: 20_000 })
    const share = (edge: number) => sums.filter((sum) => sum >= edge).length / sums.length
    const at = (ratio: number) => sums[Math.floor(ratio * sums.length)] ?? 0

    expect(share(7)).toBeCloseTo(atLeast7, 2)
    expect(Math.abs(share(6.5) - atLeast65)).toBeLessThan(0.015)
    expect(Math.abs(at(0.05) - low)).toBeLessThan(0.03)
    expect(Math.abs(at(0.95) - high)).toBeLessThan(0.03)
  })

  test('NOT READY holds in nearly all weightings near the profile and in four fifths of all', () => {
    const [near, unsure, any] = robustness(original, [7, 8], { seed: 2 })
    expect(near?.keeps).toBeGreaterThan(0.999)
    expect(unsure?.keeps).toBeCloseTo(0.997, 2)
    expect(any?.keeps).toBeCloseTo(0.794, 1)
  })

  test('weights sum to 1 and keep their mean; a weight of zero stays zero', () => {
    const prng = prngFromSeed(3)
    const draws = Array.from({ length: 4_000 }, () => drawWeights([0.7, 0.3, 0], 20, prng))
    const mean = draws.reduce((sum, [first = 0]) => sum + first, 0) / draws.length

    expect(mean).toBeCloseTo(0.7, 2)
    for (const [first = 0, second = 0, third] of draws) {
      expect(first + second).toBeCloseTo(1, 12)
      expect(third).toBe(0)
    }
  })

  test('a triangle has its ends and its mean', () => {
    const prng = prngFromSeed(4)
    const draws = Array.from({ length: 4_000 }, () => drawTriangular(2, 3, 7, prng))
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(2)
    expect(Math.max(...draws)).toBeLessThanOrEqual(7)
    expect(draws.reduce((sum, draw) => sum + draw, 0) / draws.length).toBeCloseTo(4, 1)
    expect(drawTriangular(5, 5, 5, prng)).toBe(5)
  })
})

describe('the smallest change of weights that turns a ranking', () => {
  test('moves weight from where the lead is largest to where it is smallest', () => {
    const better = cells([8, 6, 5, 5, 5, 5, 5])
    const other = cells([6, 6, 5, 5, 5, 5, 7])
    // The lead is 2 · 0.3 − 2 · 0.05 = 0.5; each point moved closes 0.04.
    expect(flipRanking(better, other)).toMatchObject({
      from: ['correctness'],
      to: 'maintainability',
    })
    expect(flipRanking(better, other)?.points).toBeCloseTo(12.5, 9)
  })

  test('does not exist where one is nowhere worse', () => {
    expect(flipRanking(cells([8, 6, 5, 5, 5, 5, 5]), cells([6, 5, 4, 4, 4, 4, 4]))).toBeUndefined()
  })
})

function cells(scores: readonly number[]): readonly Weighted[] {
  return scores.map((score, at) => ({
    criterion: names[at] ?? '',
    weight: weights[at] ?? 0,
    score,
    low: score,
    high: score,
  }))
}
