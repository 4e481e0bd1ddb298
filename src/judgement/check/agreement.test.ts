import { expect, test } from 'vitest'
import { compareCheckers } from '../../../test/support/agreement.ts'

// `npm run check:agreement` compares 200,000; these are the first of them.
test('the fast checker and the exhaustive search agree on random histories', () => {
  const result = compareCheckers(20_000)

  expect(result.disagreements).toEqual([])
  expect(result.invalid).toBeGreaterThan(2_000)
  expect(result.valid).toBeGreaterThan(10_000)
  expect(result.withIndefinite).toBeGreaterThan(10_000)
  expect(result.undecided).toBeLessThan(800)
})
