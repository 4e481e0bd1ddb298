import { expect, test } from 'vitest'
import { theilSen } from './theil-sen.ts'

test('agrees with SciPy, and a wild point does not bend it', () => {
  const ys = [1.0, 3.2, 4.9, 7.3, 8.8, 30.0, 13.1, 15.2, 16.8, 19.1]
  // SciPy 1.17.1: stats.theilslopes(y, range(10), .95):
  // slope 2.0, low_slope 1.942857142857143, high_slope 2.0999999999999996
  const { slope, low, high } = theilSen(ys.map((y, x) => ({ x, y })))
  expect(slope).toBeCloseTo(2, 12)
  expect(low).toBeCloseTo(1.942857142857143, 12)
  expect(high).toBeCloseTo(2.0999999999999996, 12)
})

test('a backlog that does not grow has an interval that holds zero', () => {
  const ys = [5, 7, 4, 6, 5, 8, 3, 6, 5, 7, 4]
  const { low, high } = theilSen(ys.map((y, x) => ({ x, y })))
  expect(low).toBeLessThanOrEqual(0)
  expect(high).toBeGreaterThanOrEqual(0)
})

test('two points give the slope between them', () => {
  expect(
    theilSen([
      { x: 0, y: 1 },
      { x: 2, y: 5 },
    ]).slope,
  ).toBe(2)
})
