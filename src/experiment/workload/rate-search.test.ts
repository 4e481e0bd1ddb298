import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RateSearch } from './rate-search.ts'

/** All rates tried, and what was found, for a system that holds up to `capacity`. */
function search(capacity: number, first = 500, max = 200_000) {
  const rates = new RateSearch({
    firstPerSecond: first,
    ratePerSecondMin: 1,
    ratePerSecondMax: max,
  })
  const tried: number[] = []
  for (let rate = rates.next(); rate !== undefined; rate = rates.next()) {
    tried.push(rate)
    rates.judged(rate, rate <= capacity)
  }
  return { tried, best: rates.best }
}

test('it doubles, then halves', () => {
  const { tried, best } = search(3300)

  expect(tried.slice(0, 6)).toEqual([500, 1000, 2000, 4000, 3000, 3500])
  expect(best).toBeGreaterThan(3300 / 1.05)
  expect(best).toBeLessThanOrEqual(3300)
})

test('the best is within 5 % below any capacity, in at most 30 probes', () => {
  fc.assert(
    fc.property(fc.double({ min: 2, max: 190_000, noNaN: true }), (capacity) => {
      const { tried, best } = search(capacity)

      expect(best).toBeLessThanOrEqual(capacity)
      expect(best).toBeGreaterThan(capacity / 1.05)
      expect(tried.length).toBeLessThanOrEqual(30)
    }),
  )
})

test('it stops at the highest rate that is to be tried, and when nothing holds', () => {
  expect(search(1e9, 500, 3000)).toEqual({ tried: [500, 1000, 2000, 3000], best: 3000 })
  expect(search(0).best).toBeUndefined()
})
