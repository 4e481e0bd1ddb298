import fc from 'fast-check'
import { expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { changeSegments, SEGMENT_MIN } from './pelt.ts'

test('finds a planted change of level where it was planted', () => {
  const segments = changeSegments(noisy([...times(40, 1), ...times(60, 2)], 0.05))

  expect(segments.map(({ start, end }) => [start, end])).toEqual([
    [0, 40],
    [40, 100],
  ])
  expect(segments[1]?.mean).toBeCloseTo(2, 1)
})

test('finds a change of spread at an unchanged level', () => {
  const calm = noisy(times(60, 1), 0.01)
  const wild = noisy(times(60, 1), 0.5)
  const starts = changeSegments([...calm, ...wild]).map(({ start }) => start)

  expect(starts).toHaveLength(2)
  expect(Math.abs((starts[1] ?? 0) - 60)).toBeLessThanOrEqual(3)
})

test('sees no change in noise, and none in a constant', () => {
  expect(changeSegments(noisy(times(200, 5), 0.3))).toHaveLength(1)
  expect(changeSegments(times(50, 7))).toHaveLength(1)
  expect(changeSegments([3])).toMatchObject([{ start: 0, end: 1, mean: 3, variance: 0 }])
})

test('pruning loses nothing: the cost is that of the search over all partitions', () => {
  const series = fc.array(fc.constantFrom(0, 1, 1.1, 5, 5.2, 30), { minLength: 5, maxLength: 40 })
  fc.assert(
    fc.property(series, (values) => {
      const found = totalCost(
        values,
        changeSegments(values).map(({ start }) => start),
      )
      expect(found).toBeCloseTo(leastCost(values), 6)
    }),
    { numRuns: 300 },
  )
})

function costOf(values: readonly number[], start: number, end: number): number {
  const spread = (part: readonly number[]) => {
    const mean = part.reduce((sum, value) => sum + value, 0) / part.length
    return part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / part.length
  }
  const floor = Math.max(spread(values) * 1e-6, Number.MIN_VALUE * 2 ** 60)
  const variance = Math.max(spread(values.slice(start, end)), floor)
  return (end - start) * (Math.log(2 * Math.PI * variance) + 1)
}

function totalCost(values: readonly number[], starts: readonly number[]): number {
  const penalty = 15 * Math.log(values.length)
  return starts.reduce(
    (sum, start, at) => sum + costOf(values, start, starts[at + 1] ?? values.length),
    penalty * (starts.length - 1),
  )
}

/** The dumb second implementation: every partition, by dynamic programming without pruning. */
function leastCost(values: readonly number[]): number {
  const penalty = 15 * Math.log(values.length)
  const best = [-penalty]
  for (let end = 1; end <= values.length; end += 1) {
    let least = Infinity
    for (let start = 0; start <= end - SEGMENT_MIN; start += 1) {
      least = Math.min(least, (best[start] ?? 0) + costOf(values, start, end) + penalty)
    }
    best.push(least)
  }
  return best[values.length] ?? 0
}

function times(count: number, value: number): number[] {
  return Array.from({ length: count }, () => value)
}

/** Sums of twelve uniform draws: normal enough, and no Math.log in a seeded test. */
function noisy(levels: readonly number[], deviation: number): number[] {
  const prng = prngFromSeed(11)
  return levels.map((level) => {
    const draws = Array.from({ length: 12 }, () => prng.ratio())
    return level + deviation * (draws.reduce((sum, draw) => sum + draw, 0) - 6)
  })
}
