import { expect, test } from 'vitest'
import type { MetricComparison, PlannedWorkload } from '../judgement/history/experiment-record.ts'
import { coreListsOf, withoutUnstable } from './cpu-layout.ts'

test('the generator has a core for itself, and the nodes the others', () => {
  expect(coreListsOf('apart', 2)).toEqual({ nodes: '0', generator: '1' })
  expect(coreListsOf('apart', 8)).toEqual({ nodes: '0-6', generator: '7' })
  expect(coreListsOf('shared', 8)).toBeUndefined()
  expect(() => coreListsOf('apart', 1)).toThrowError('one core cannot be shared out')
})

const workloads = ['shared', 'apart'].map(
  (cpus) =>
    ({
      name: `steady cpus=${cpus}`,
      file: 'steady',
      variant: { cpus },
    }) as unknown as PlannedWorkload,
)

const comparison = (cpus: string, low: number, high: number) =>
  ({
    workload: `steady cpus=${cpus}`,
    ...{ a: 'tick/wal', b: 'event/wal', metric: 'responseMs.p50', low, high, verdict: 'better' },
  }) as MetricComparison

test('a ranking that flips with the layout is unstable under both', () => {
  const found = withoutUnstable(
    [comparison('shared', 0.8, 0.9), comparison('apart', 1.1, 1.2)],
    workloads,
  )

  expect(found).toMatchObject([
    { verdict: 'undecided', reason: 'unstable: it is the other way round in steady cpus=apart' },
    { verdict: 'undecided', reason: 'unstable: it is the other way round in steady cpus=shared' },
  ])
})

test('one that is clear under one layout alone does not flip', () => {
  const found = withoutUnstable(
    [comparison('shared', 0.8, 0.9), comparison('apart', 0.9, 1.2)],
    workloads,
  )

  expect(found[0]?.verdict).toBe('better')
})
