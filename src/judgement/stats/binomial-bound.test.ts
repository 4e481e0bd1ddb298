import { expect, test } from 'vitest'
import { chanceAtMost } from './binomial-bound.ts'

test('without an event the bound has a closed form, near 3 ÷ trials', () => {
  expect(chanceAtMost(0, 50)).toBeCloseTo(1 - 0.05 ** (1 / 50), 12)
  expect(chanceAtMost(0, 50)).toBeLessThan(3 / 50)
})

// By bisection on sums of binomial terms with exact coefficients (Python's math.comb).
test.each([
  [1, 50, 0.0913981307],
  [3, 20, 0.3436638043],
  [10, 20, 0.6980460888],
])('%i of %i: %f', (events, trials, bound) => {
  expect(chanceAtMost(events, trials)).toBeCloseTo(bound, 9)
})

test('nothing tried says nothing, and what always happened may be certain', () => {
  expect(chanceAtMost(0, 0)).toBe(1)
  expect(chanceAtMost(7, 7)).toBe(1)
})
