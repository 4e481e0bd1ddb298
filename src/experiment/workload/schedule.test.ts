import { expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import type { OpenArrival } from './arrival.ts'
import { createSchedule, exponential } from './schedule.ts'

/** All moments, read in pieces of an odd size. */
function momentsOf(arrival: OpenArrival, seconds: number, seed = 1): number[] {
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
  expect(moments.slice(0, 3)).toEqual([456255.805445835, 1030633.5228960962, 3688084.4929255545])
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

test('steps keep their rates, one after the other', () => {
  const steps = [
    { ratePerSecond: 100, seconds: 10 },
    { ratePerSecond: 2000, seconds: 2 },
    { ratePerSecond: 500, seconds: 4 },
  ]
  const moments = momentsOf({ kind: 'steps', steps }, 16)
  const within = (start: number, end: number): number =>
    moments.filter((at) => at >= start * 1e9 && at < end * 1e9).length

  expect(within(0, 10) / 1000).toBeCloseTo(1, 0)
  expect(within(10, 12) / 4000).toBeCloseTo(1, 1)
  expect(within(12, 16) / 2000).toBeCloseTo(1, 1)
  expect(moments.every((at, index) => at >= (moments[index - 1] ?? 0))).toBe(true)
})

test.each([
  { firstPerSecond: 100, lastPerSecond: 1900 },
  { firstPerSecond: 1900, lastPerSecond: 100 },
  { firstPerSecond: 1000, lastPerSecond: 1000 },
])('a ramp from $firstPerSecond to $lastPerSecond is linear', (rates) => {
  const moments = momentsOf({ kind: 'ramp', ...rates }, 10)
  const { firstPerSecond: first, lastPerSecond: last } = rates
  const expectedIn = (second: number): number => first + ((last - first) * (second + 0.5)) / 10

  expect(Math.abs(moments.length / 10_000 - 1)).toBeLessThan(0.04)
  for (const second of [0, 4, 9]) {
    const count = moments.filter((at) => Math.floor(at / 1e9) === second).length
    const expected = expectedIn(second)
    expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected))
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
