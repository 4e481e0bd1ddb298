import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { createPayloads } from './payload.ts'

const payloads = (bytes: number, seed = 1) => createPayloads({ prng: prngFromSeed(seed), bytes })

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
  const source = payloads(100)
  const values = Array.from({ length: 1000 }, (_, sequence) => source.valueOf(1, 0, sequence))
  const joined = Buffer.concat(values)

  expect(deflateSync(joined).length / joined.length).toBeGreaterThan(0.99)
})
