import { expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { createPartitioner, producerOf } from './operations.ts'
import type { Keys } from './workload.ts'

const operations = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

/** How many of `count` operations go to each of 16 partitions. */
function loads(keys: Keys, count: number, first = 0): number[] {
  const shape = { producers: 1, partitions: 16, keys, keyCount: 1000 }
  const partitionOf = createPartitioner(shape, prngFromSeed(1))
  const counts = new Array<number>(16).fill(0)
  for (let operation = 0; operation < first + count; operation += 1) {
    const partition = partitionOf(operation)
    if (operation >= first) counts[partition] = (counts[partition] as number) + 1
  }
  return counts
}

test('producers take turns', () => {
  expect(operations(5).map((operation) => producerOf(operation, 2))).toEqual([0, 1, 0, 1, 0])
})

test('without keys each producer keeps to one partition', () => {
  const shape = { producers: 3, partitions: 2, keys: 'none', keyCount: 1 } as const
  const partitionOf = createPartitioner(shape, prngFromSeed(1))
  const seen = operations(60).map((operation) => `${operation % 3}→${partitionOf(operation)}`)

  expect(new Set(seen)).toEqual(new Set(['0→0', '1→1', '2→0']))
})

test('round robin brings every producer to every partition equally often', () => {
  const shape = { producers: 4, partitions: 4, keys: 'round-robin', keyCount: 1 } as const
  const partitionOf = createPartitioner(shape, prngFromSeed(1))
  const counts = new Map<string, number>()
  for (const operation of operations(160)) {
    const pair = `${operation % 4}→${partitionOf(operation)}`
    counts.set(pair, (counts.get(pair) ?? 0) + 1)
  }

  expect(counts.size).toBe(16)
  expect(new Set(counts.values())).toEqual(new Set([10]))
})

test('zipf gives the first key of a thousand 1/H(1000) of the operations', () => {
  const count = 50_000
  const shape = { producers: 1, partitions: 1_000_003, keys: 'zipf', keyCount: 1000 } as const
  const partitionOf = createPartitioner(shape, prngFromSeed(1))
  const seen = new Map<number, number>()
  for (const operation of operations(count)) {
    const partition = partitionOf(operation)
    seen.set(partition, (seen.get(partition) ?? 0) + 1)
  }

  // H(1000) = 7.4855; so many partitions that nearly each key has its own.
  const shares = [...seen.values()].sort((a, b) => b - a).map((times) => times / count)
  expect(shares[0]).toBeCloseTo(1 / 7.4855, 2)
  expect(shares[1]).toBeCloseTo(1 / 7.4855 / 2, 2)
  expect(shares[9]).toBeCloseTo(1 / 7.4855 / 10, 2)
})

test('a hotspot has four fifths of the operations on a fifth of the keys', () => {
  const shape = { producers: 1, partitions: 1_000_003, keys: 'hotspot', keyCount: 1000 } as const
  const partitionOf = createPartitioner(shape, prngFromSeed(1))
  const seen = new Map<number, number>()
  for (const operation of operations(100_000)) {
    const partition = partitionOf(operation)
    seen.set(partition, (seen.get(partition) ?? 0) + 1)
  }

  const hottest = [...seen.values()].sort((a, b) => b - a).slice(0, 200)
  const share = hottest.reduce((sum, times) => sum + times, 0) / 100_000
  expect(share).toBeGreaterThan(0.78)
  expect(share).toBeLessThan(0.83)
})

test('a drifting hotspot ends on other keys than it began with', () => {
  const shape = { producers: 1, partitions: 1_000_003, keys: 'drifting', keyCount: 1000 } as const
  const partitionOf = createPartitioner(shape, prngFromSeed(1))
  const seen = operations(100_000).map((operation) => partitionOf(operation))
  const hotOf = (part: readonly number[]): Set<number> => {
    const counts = new Map<number, number>()
    for (const key of part) counts.set(key, (counts.get(key) ?? 0) + 1)
    return new Set(
      [...counts]
        .sort((a, b) => b[1] - a[1])
        .map(([key]) => key)
        .slice(0, 100),
    )
  }

  const early = hotOf(seen.slice(0, 5000))
  const late = hotOf(seen.slice(50_000, 55_000))
  expect([...early].filter((key) => late.has(key)).length).toBeLessThan(10)
})

test.each(['zipf', 'hotspot', 'drifting'] as const)('%s reaches every partition', (keys) => {
  expect(Math.min(...loads(keys, 20_000))).toBeGreaterThan(0)
})
