import { expect, test } from 'vitest'
import { readAdapters } from './read-adapters.ts'
import { type ExperimentRequest, resolveExperiment } from './resolve-experiment.ts'
import { shippedWorkloads } from './shipped-workloads.ts'

const request: ExperimentRequest = {
  names: ['durability-matrix'],
  subjects: ['event'],
  effort: 'own',
  rounds: 1,
  durability: undefined,
  placement: undefined,
  cpus: [],
}

const resolved = async (change: Partial<ExperimentRequest>) => {
  const { rafts } = await readAdapters([])
  const { cells } = await resolveExperiment({ ...request, ...change }, shippedWorkloads(), rafts)
  return [...cells.values()]
}

test('each durability of a matrix has a store that keeps it', async () => {
  const cells = await resolved({})

  const pairs = cells.map(
    ({ claimedDurability, subject }) => `${claimedDurability} ${subject.name}`,
  )
  expect([...new Set(pairs)]).toEqual([
    'D0 event/memory',
    'D1 event/wal',
    'D2 event/wal',
    'D3 event/wal',
  ])
})

test('a store with files is refused where the durability is memory', async () => {
  await expect(resolved({ subjects: ['event/sqlite'] })).rejects.toMatchObject({
    code: 'subject-invalid',
    message: expect.stringMatching(/event\/sqlite cannot run at D0/),
    nextStep: expect.stringMatching(/name the raft alone, event/),
  })
})

test('a store in memory that was named runs at D0, whatever the workload asks for', async () => {
  const cells = await resolved({ names: ['steady'], subjects: ['event/memory'] })

  expect(cells.map(({ claimedDurability }) => claimedDurability)).toEqual(['D0'])
})
