import { expect, test } from 'vitest'
import { planExperiment } from './plan-experiment.ts'

const lanesOf = (workload: string, subjects: readonly string[]) =>
  subjects.map((subject) => [{ workload, subject }])
const units = [
  { rounds: 6, lanes: lanesOf('steady', ['tick/wal', 'event/wal']) },
  { rounds: 2, lanes: lanesOf('capacity', ['tick/wal', 'event/wal', 'null']) },
]

test('every subject runs every workload once in each of its rounds', () => {
  const runs = planExperiment('e', 7, units)

  const names = runs.map(({ round, workload, subject }) => `${round} ${workload} ${subject}`)
  expect(new Set(names).size).toBe(6 * 2 + 2 * 3)
  expect(runs).toHaveLength(6 * 2 + 2 * 3)
  expect(runs.map(({ round }) => round)).toEqual([...runs.map(({ round }) => round)].sort())
  expect(new Set(runs.map(({ cluster }) => cluster)).size).toBe(runs.length)
})

test('the two sides of a pair run next to each other and see the same arrivals', () => {
  const runs = planExperiment('e', 7, units)

  const steady = runs.flatMap((run, at) => (run.workload === 'steady' ? [{ ...run, at }] : []))
  for (let at = 0; at < steady.length; at += 2) {
    expect(steady[at + 1]?.at).toBe((steady[at]?.at ?? 0) + 1)
    expect(steady[at + 1]?.seed).toBe(steady[at]?.seed)
  }
  expect(new Set(steady.map(({ seed }) => seed)).size).toBe(6)
})

test('the workloads of a shared cluster run on it one after the other', () => {
  const lane = ['a', 'b'].map((workload) => ({ workload, subject: 'event/wal' }))
  const other = ['a', 'b'].map((workload) => ({ workload, subject: 'tick/wal' }))

  const runs = planExperiment('e', 7, [{ rounds: 1, lanes: [lane, other] }])

  expect(runs.map(({ workload }) => workload)).toEqual(['a', 'b', 'a', 'b'])
  expect(runs[0]?.cluster).toBe(runs[1]?.cluster)
  expect(runs[2]?.cluster).toBe(runs[3]?.cluster)
  expect(runs[1]?.cluster).not.toBe(runs[2]?.cluster)
})

test('a seed decides the order, and another seed another one', () => {
  const order = (seed: number) => planExperiment('e', seed, units).map(({ subject }) => subject)

  expect(order(7)).toEqual(order(7))
  expect([1, 2, 3].map(order).filter((one) => one.join() === order(7).join())).toEqual([])
})
