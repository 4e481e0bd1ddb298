import { expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { createSchedule, exponential } from './schedule.ts'
import type { Arrival } from './workload.ts'

type OpenLoop = Extract<Arrival, { ratePerSecond: number }>

/** All moments, read in pieces of an odd size. */
function momentsOf(arrival: OpenLoop, seconds: number, seed = 1): number[] {
  const schedule = createSchedule(arrival, { seconds, prng: prngFromSeed(seed) })
  const piece = new Float64Array(7)
  const all: number[] = []
  for (let filled = 7; filled === 7; ) {
    filled = schedule.fill(piece)
    all.push(...piece.subarray(0, filled))
  }
  return all
}

test('a constant arrival is evenly spaced from 0 to the end', () => {
  const moments = momentsOf({ kind: 'constant', ratePerSecond: 4 }, 2)

  expect(moments).toEqual([0, 0.25e9, 0.5e9, 0.75e9, 1e9, 1.25e9, 1.5e9, 1.75e9])
})

test('the same seed gives the same moments to the last bit, on every machine', () => {
  const moments = momentsOf({ kind: 'poisson', ratePerSecond: 1000 }, 10, 42)

  expect(moments).toEqual(momentsOf({ kind: 'poisson', ratePerSecond: 1000 }, 10, 42))
  expect(moments.slice(0, 3)).toEqual([456255.805445835, 1030633.5228960961, 3688084.4929255545])
})

test('a poisson arrival has the rate, and gaps that are exponential', () => {
  const moments = momentsOf({ kind: 'poisson', ratePerSecond: 5000 }, 20)
  const gaps = moments.map((at, index) => at - (moments[index - 1] ?? 0))
  const meanNs = 1e9 / 5000

  // 100,000 arrivals: 4 standard deviations of the count are 1.3 %.
  expect(Math.abs(moments.length / 100_000 - 1)).toBeLessThan(0.013)
  for (const ratio of [0.1, 0.5, 1, 2, 3]) {
    const longer = gaps.filter((gap) => gap > ratio * meanNs).length / gaps.length
    expect(Math.abs(longer - Math.exp(-ratio))).toBeLessThan(0.008)
  }
})

test('moments never fall', () => {
  const moments = momentsOf({ kind: 'poisson', ratePerSecond: 100_000 }, 1)

  expect(moments.every((at, index) => at >= (moments[index - 1] ?? 0))).toBe(true)
})

test('exponential draws have mean and variance 1', () => {
  const prng = prngFromSeed(7)
  const draws = Array.from({ length: 200_000 }, () => exponential(prng))
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length

  expect(Math.abs(mean - 1)).toBeLessThan(0.01)
  expect(Math.abs(variance - 1)).toBeLessThan(0.03)
})
