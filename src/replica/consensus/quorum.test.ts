import fc from 'fast-check'
import { expect, test } from 'vitest'
import { majorityOf, reachedByMajority } from './quorum.ts'

test('any two majorities share a voter', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), (voters) => {
      expect(2 * majorityOf(voters)).toBeGreaterThan(voters)
      expect(2 * (majorityOf(voters) - 1)).toBeLessThanOrEqual(voters)
    }),
  )
})

test('what a majority has reached agrees with counting the voters at or past each value', () => {
  const reached = fc.array(fc.nat(20), { minLength: 1, maxLength: 9 })
  fc.assert(
    fc.property(reached, (values) => {
      let counted = 0
      for (let value = 0; value <= 20; value += 1) {
        const past = values.filter((other) => other >= value).length
        if (past > values.length / 2) counted = value
      }

      expect(reachedByMajority([...values])).toBe(counted)
    }),
  )
})
