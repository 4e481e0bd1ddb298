import { expect, test } from 'vitest'
import { planExperiment } from './plan-experiment.ts'

const cells = [
  { workload: 'steady', rounds: 6, subjects: ['tick/wal', 'event/wal'] },
  { workload: 'capacity', rounds: 2, subjects: ['tick/wal', 'event/wal', 'null'] },
]

test('every subject runs every workload once in each of its rounds', () => {
  const runs = planExperiment('e', 7, cells)

  const names = runs.map(({ round, workload, subject }) => `${round} ${workload} ${subject}`)
  expect(new Set(names).size).toBe(6 * 2 + 2 * 3)
  expect(runs).toHaveLength(6 * 2 + 2 * 3)
  expect(runs.map(({ round }) => round)).toEqual([...runs.map(({ round }) => round)].sort())
})

test('the two sides of a pair run next to each other and see the same arrivals', () => {
  const runs = planExperiment('e', 7, cells)

  const steady = runs.flatMap((run, at) => (run.workload === 'steady' ? [{ ...run, at }] : []))
  for (let at = 0; at < steady.length; at += 2) {
    expect(steady[at + 1]?.at).toBe((steady[at]?.at ?? 0) + 1)
    expect(steady[at + 1]?.seed).toBe(steady[at]?.seed)
  }
  expect(new Set(steady.map(({ seed }) => seed)).size).toBe(6)
})

test('a seed decides the order, and another seed another one', () => {
  const order = (seed: number) => planExperiment('e', seed, cells).map(({ subject }) => subject)

  expect(order(7)).toEqual(order(7))
  expect([1, 2, 3].map(order).filter((one) => one.join() === order(7).join())).toEqual([])
})
