import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Archive, openArchiveToWrite } from '../archive/archive.ts'
import type { ExperimentPlan } from '../judgement/history/experiment-record.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import { planExperiment } from './plan-experiment.ts'
import { type Cell, cellKey, type ResolvedExperiment } from './resolve-experiment.ts'
import { type RunCluster, type RunEvent, runExperiment } from './run-experiment.ts'

let directory: string
let archive: Archive

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'raftmark-run-'))
  archive = await openArchiveToWrite(directory)
})
afterEach(() => rmSync(directory, { recursive: true }))

const subjects = ['tick/wal', 'event/wal']
const cell = {
  workload: { arrival: { kind: 'closed' }, warmUpSecondsMax: 1, measureSeconds: 1 },
} as Cell
const resolved = {
  cells: new Map(subjects.map((subject) => [cellKey('steady', subject), cell])),
} as unknown as ResolvedExperiment
const lanes = subjects.map((subject) => [{ workload: 'steady', subject }])
const plan = { id: 'e', runs: planExperiment('e', 1, [{ rounds: 2, lanes }]) } as ExperimentPlan

/** Measures nothing; `carried` are the ids in the order in which they ran. */
function fakeClusters(recordOf: (id: string) => Partial<RunRecord> = () => ({})) {
  const carried: string[] = []
  const runCluster: RunCluster = async (runs, { onRecord }) => {
    for (const { planned } of runs) {
      carried.push(planned.id)
      archive.makeRunDirectory(planned.id)
      const record = { schema: 'raftmark/run/1', id: planned.id, ...recordOf(planned.id) }
      await onRecord(record as RunRecord)
    }
  }
  return { carried, runCluster }
}

async function run(runCluster: RunCluster, signal = new AbortController().signal) {
  const events: RunEvent[] = []
  let nowMs = 0
  await runExperiment({
    plan,
    resolved,
    archive,
    runCluster,
    nowMs: () => {
      nowMs += 1_000
      return nowMs
    },
    onEvent: (event) => events.push(event),
    signal,
  })
  return events
}

test('every run is carried in the planned order and saved as soon as it is done', async () => {
  const { carried, runCluster } = fakeClusters()

  const events = await run(runCluster)

  expect(carried).toEqual(plan.runs.map(({ id }) => id))
  expect(carried.every((id) => archive.hasRun(id))).toBe(true)
  const done = events.flatMap((event) => (event.kind === 'run-done' ? [event] : []))
  expect(done.map((event) => event.done)).toEqual([1, 2, 3, 4])
  expect(done.at(-1)?.secondsLeft).toBe(0)
})

test('an interruption lets nothing new begin, and what was saved stays', async () => {
  const stop = new AbortController()
  const { carried, runCluster } = fakeClusters((id) => {
    if (id === 'e.002') stop.abort()
    return {}
  })

  await run(runCluster, stop.signal)

  expect(carried).toEqual(['e.001', 'e.002'])
  expect(archive.runIds()).toEqual(['e.001', 'e.002'])
})

test('going on runs what is missing or was cut short, and nothing else', async () => {
  const first = new AbortController()
  await run(
    fakeClusters((id) => {
      if (id !== 'e.002') return {}
      first.abort()
      return { interrupted: 'interrupted' }
    }).runCluster,
    first.signal,
  )
  const { carried, runCluster } = fakeClusters()

  const events = await run(runCluster)

  expect(carried).toEqual(['e.002', 'e.003', 'e.004'])
  expect(events.at(-1)).toMatchObject({ kind: 'run-done', done: 4 })
  expect(archive.readRun('e.002').interrupted).toBeUndefined()
})
