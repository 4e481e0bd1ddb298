import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { createPayloads } from './payload.ts'

const payloads = (payloadBytes: number, seed = 1, shape: Partial<Shape> = {}) =>
  createPayloads({
    prng: prngFromSeed(seed),
    workload: { payloadBytes, payloadSizes: 'fixed', compressibleRatio: 0, ...shape },
  })

type Shape = Parameters<typeof createPayloads>[0]['workload']

const inARow = (source: ReturnType<typeof payloads>, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, sequence) => source.valueOf(1, 0, sequence))

const meanOf = (numbers: readonly number[]): number =>
  numbers.reduce((sum, one) => sum + one, 0) / numbers.length

test('a value is a function of the seed and of the record’s identity', () => {
  expect(payloads(100).valueOf(3, 0, 17)).toEqual(payloads(100).valueOf(3, 0, 17))

  const one = Buffer.from(payloads(100).valueOf(3, 0, 17))
  expect(one.equals(payloads(100, 2).valueOf(3, 0, 17))).toBe(false)
  expect(one.equals(payloads(100).valueOf(4, 0, 17))).toBe(false)
  expect(one.equals(payloads(100).valueOf(3, 1, 17))).toBe(false)
  expect(one.equals(payloads(100).valueOf(3, 0, 18))).toBe(false)
})

test('values have the size that was asked for, also none and more than the pool', () => {
  for (const bytes of [0, 1, 100, 1_048_000]) {
    expect(payloads(bytes).valueOf(1, 0, 5)).toHaveLength(bytes)
  }
})

test('a thousand values in a row do not compress', () => {
  const joined = Buffer.concat(inARow(payloads(100), 1000))

  expect(deflateSync(joined).length / joined.length).toBeGreaterThan(0.99)
})

test('compressible values shrink by about their share of zeros', () => {
  const joined = Buffer.concat(inARow(payloads(1000, 1, { compressibleRatio: 0.5 }), 200))

  const zeros = joined.filter((byte) => byte === 0).length / joined.length
  const ratio = deflateSync(joined).length / joined.length
  expect(zeros).toBeCloseTo(0.5, 1)
  expect(ratio).toBeGreaterThan(0.45)
  expect(ratio).toBeLessThan(0.65)
})

test('uniform sizes are from 1 to the largest, each alike', () => {
  const sizes = inARow(payloads(100, 1, { payloadSizes: 'uniform' }), 10_000).map(
    ({ length }) => length,
  )

  expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([1, 100])
  expect(meanOf(sizes)).toBeCloseTo(50.5, -1)
  expect(sizes.filter((size) => size <= 25).length / sizes.length).toBeCloseTo(0.25, 1)
})

test('mixed sizes are one large among fifteen small', () => {
  const sizes = inARow(payloads(1600, 1, { payloadSizes: 'mixed' }), 10_000).map(
    ({ length }) => length,
  )

  expect(new Set(sizes)).toEqual(new Set([100, 1600]))
  expect(sizes.filter((size) => size === 1600).length / sizes.length).toBeCloseTo(1 / 16, 2)
})
