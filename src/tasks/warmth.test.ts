import { expect, test } from 'vitest'
import { Flatness, Warmth } from './warmth.ts'

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

const changeOf = (...slices: readonly (readonly [requests: number, cpuNs: number])[]) => {
  const flatness = new Flatness()
  for (const [requests, cpuNs] of slices) flatness.add({ requests, cpuNs })
  return flatness.change
}

test('the later half is held against the earlier one, by request and not by slice', () => {
  expect(changeOf([100, 1_000], [300, 3_000], [100, 800], [100, 800])).toBeCloseTo(-0.2, 10)
  expect(changeOf([100, 1_000], [100, 2_000], [100, 1_500], [100, 1_500])).toBe(0)
})

test('a slice in the middle belongs to neither half', () => {
  expect(changeOf([100, 1_000], [100, 9_000], [100, 1_100])).toBeCloseTo(0.1, 10)
})

test('a half with next to no requests says nothing', () => {
  expect(changeOf()).toBeUndefined()
  expect(changeOf([100, 1_000])).toBeUndefined()
  expect(changeOf([100, 1_000], [19, 100])).toBeUndefined()
})
