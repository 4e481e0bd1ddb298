import { expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { hierarchicalBootstrap } from './bootstrap.ts'
import { medianOf } from './quantile.ts'

const meanOfAll = (rounds: readonly (readonly number[])[]) => {
  const values = rounds.flat()
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

test('the same seed gives the same interval, another seed nearly the same', () => {
  const rounds = noisyRounds(12, 4)
  const one = hierarchicalBootstrap(rounds, meanOfAll, { seed: 1, resamples: 2_000 })

  expect(hierarchicalBootstrap(rounds, meanOfAll, { seed: 1, resamples: 2_000 })).toEqual(one)
  const other = hierarchicalBootstrap(rounds, meanOfAll, { seed: 2, resamples: 2_000 })
  expect(other.low).not.toBe(one.low)
  expect(other.low).toBeCloseTo(one.low, 1)
})

test('its width is that of the mean of independent rounds', () => {
  // Rounds differ by a uniform of variance 1/12, windows not at all: sd of the mean of 48 rounds
  // is 0.0417, the 95 % interval about 0.163 wide, and the bootstrap's own error about 5 %.
  const prng = prngFromSeed(8)
  const rounds = Array.from({ length: 48 }, () => new Array<number>(3).fill(prng.ratio()))
  const { low, high } = hierarchicalBootstrap(rounds, meanOfAll, { seed: 3, resamples: 2_000 })

  expect(high - low).toBeGreaterThan(0.13)
  expect(high - low).toBeLessThan(0.2)
})

test('constant rounds have an interval of one point', () => {
  const rounds = [
    [2, 2],
    [2, 2],
  ]
  const median = (drawn: readonly (readonly number[])[]) => medianOf(drawn.flat())
  expect(hierarchicalBootstrap(rounds, median, { seed: 1, resamples: 50 })).toMatchObject({
    low: 2,
    high: 2,
  })
})

function noisyRounds(count: number, windows: number): number[][] {
  const prng = prngFromSeed(4)
  return Array.from({ length: count }, () => {
    const level = prng.ratio()
    return Array.from({ length: windows }, () => level + 0.1 * prng.ratio())
  })
}
