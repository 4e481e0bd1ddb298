import { expect, test } from 'vitest'
import { partitionOf, producerOf } from './operations.ts'

const operations = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

test('producers take turns', () => {
  expect(operations(5).map((operation) => producerOf(operation, 2))).toEqual([0, 1, 0, 1, 0])
})

test('without keys each producer keeps to one partition', () => {
  const shape = { producers: 3, partitions: 2, keys: 'none' } as const
  const seen = operations(60).map(
    (operation) => `${operation % 3}→${partitionOf(operation, shape)}`,
  )

  expect(new Set(seen)).toEqual(new Set(['0→0', '1→1', '2→0']))
})

test('round robin brings every producer to every partition equally often', () => {
  const shape = { producers: 4, partitions: 4, keys: 'round-robin' } as const
  const counts = new Map<string, number>()
  for (const operation of operations(160)) {
    const pair = `${operation % 4}→${partitionOf(operation, shape)}`
    counts.set(pair, (counts.get(pair) ?? 0) + 1)
  }

  expect(counts.size).toBe(16)
  expect(new Set(counts.values())).toEqual(new Set([10]))
})
