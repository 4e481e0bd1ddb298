import { expect, test } from 'vitest'
import { kneeOf } from './kneedle.ts'

test('finds where latency turns up', () => {
  // An M/M/1 queue's response 1 / (1 − load) at ten loads. In the unit square the depth is
  // (load − 0.1) / 0.89 − (1 / (1 − load) − 1.11) / 98.9, largest where 1 / (1 − load)² ≈ 111,
  // so at the load of 0.9.
  const loads = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99]
  const knee = kneeOf(loads.map((x) => ({ x, y: 1 / (1 - x) })))
  expect(knee).toBe(8)
})

test('a straight line, a level one and two points have no knee', () => {
  const xs = [1, 2, 3, 4, 5]
  expect(kneeOf(xs.map((x) => ({ x, y: 3 * x })))).toBeUndefined()
  expect(kneeOf(xs.map((x) => ({ x, y: 3 })).slice(0, 2))).toBeUndefined()
})

test('units do not move it', () => {
  const points = [1, 2, 3, 4, 5, 6].map((x) => ({ x, y: x < 5 ? 1 : x ** 3 }))
  const scaled = points.map(({ x, y }) => ({ x: x * 1000, y: y / 7 }))
  expect(kneeOf(points)).toBe(3)
  expect(kneeOf(scaled)).toBe(3)
})
