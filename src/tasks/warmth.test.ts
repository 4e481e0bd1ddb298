import { expect, test } from 'vitest'
import { Warmth } from './warmth.ts'

const slicesUntilWarm = (cpuPerRequest: readonly number[], requests = 100): number | undefined => {
  const warmth = new Warmth()
  const at = cpuPerRequest.findIndex((cpu) => warmth.add({ requests, cpuNs: cpu * requests }))
  return at === -1 ? undefined : at + 1
}

test('a falling cost is not warm; a flat one is after two flat changes', () => {
  expect(slicesUntilWarm([900, 600, 450, 430, 425, 420])).toBe(5)
})

test('one flat change alone is luck', () => {
  expect(slicesUntilWarm([900, 880, 600, 590, 400])).toBeUndefined()
})

test('a slice with next to no requests begins anew', () => {
  const warmth = new Warmth()
  for (const requests of [100, 100, 3, 100]) warmth.add({ requests, cpuNs: requests * 400 })

  expect(warmth.change).toBe(Number.POSITIVE_INFINITY)
})
