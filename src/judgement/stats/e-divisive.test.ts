import { expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { changePoints } from './e-divisive.ts'

test('finds a step where it is, with its size and Welch’s p', () => {
  const before = [100, 101, 99, 102, 98, 100, 101, 99]
  const after = [110, 111, 109, 112, 108, 110, 111, 109]
  const [point, ...others] = changePoints([...before, ...after])

  expect(others).toEqual([])
  expect(point?.at).toBe(8)
  expect(point?.ratio).toBeCloseTo(1.1, 3)
  // SciPy 1.17.1: stats.ttest_ind(log(before), log(after), equal_var=False): 4.692383330820748e-10
  expect((point?.p ?? 0) / 4.692383330820748e-10).toBeCloseTo(1, 6)
})

test('finds several steps, in the order of the history', () => {
  const levels = [...times(30, 100), ...times(30, 120), ...times(30, 90)]
  const points = changePoints(noisy(levels))

  expect(points.map(({ at }) => at)).toEqual([30, 60])
  expect(points.map(({ ratio }) => Math.round(ratio * 100))).toEqual([120, 75])
})

test('a short dip is two changes, back and forth', () => {
  const levels = [...times(30, 100), ...times(10, 70), ...times(30, 100)]
  expect(changePoints(noisy(levels)).map(({ at }) => at)).toEqual([30, 40])
})

test('a change that is too small to matter is none', () => {
  const levels = [...times(40, 100), ...times(40, 103)]

  expect(changePoints(noisy(levels))).toEqual([])
  expect(changePoints(noisy(levels), { changeMin: 0.01 })).toHaveLength(1)
})

test('noise alone, a constant and a short history have no changes', () => {
  expect(changePoints(noisy(times(200, 50)))).toEqual([])
  expect(changePoints(times(20, 5))).toEqual([])
  expect(changePoints([1, 2, 50, 60, 70])).toEqual([])
})

test('a step stands where the energy distance is largest, by its definition', () => {
  const prng = prngFromSeed(23)
  for (let round = 0; round < 40; round += 1) {
    const noise = () => 0.7 + 0.6 * prng.ratio()
    const before = Array.from({ length: 6 + prng.below(10) }, () => 100 * noise())
    const after = Array.from({ length: 6 + prng.below(10) }, () => 140 * noise())
    const history = [...before, ...after]
    const points = changePoints(history, { pMax: 0.05 })
    if (points.length !== 1) continue
    expect(points[0]?.at).toBe(largestEnergyDistance(history.map(Math.log)))
  }
  expect.hasAssertions()
})

test('the unit changes nothing', () => {
  const history = noisy([...times(30, 100), ...times(30, 120)])
  const scaled = changePoints(history.map((value) => value / 1000))
  expect(scaled.map(({ at }) => at)).toEqual(changePoints(history).map(({ at }) => at))
})

/** The dumb second implementation: Q of every split with three values on each side. */
function largestEnergyDistance(logs: readonly number[]): number {
  const sumOfDistances = (one: readonly number[], other: readonly number[]) =>
    one.flatMap((a) => other.map((b) => Math.abs(a - b))).reduce((sum, value) => sum + value, 0)
  const splits = logs.map((_, at) => at).slice(3, -2)
  const qs = splits.map((at) => {
    const [x, y] = [logs.slice(0, at), logs.slice(at)]
    const [n, m] = [x.length, y.length]
    const within = sumOfDistances(x, x) / (n * (n - 1)) + sumOfDistances(y, y) / (m * (m - 1))
    return ((n * m) / (n + m)) * ((2 * sumOfDistances(x, y)) / (n * m) - within)
  })
  return splits[qs.indexOf(Math.max(...qs))] ?? 0
}

function times(count: number, value: number): number[] {
  return Array.from({ length: count }, () => value)
}

function noisy(levels: readonly number[]): number[] {
  const prng = prngFromSeed(17)
  return levels.map((level) => level * (0.98 + 0.04 * prng.ratio()))
}
