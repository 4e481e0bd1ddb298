import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ExperimentDocument } from '../judgement/history/experiment-record.ts'
import type { MetricComparison } from '../judgement/history/metric-comparison.ts'
import { noiseFloorOf, readNoiseFloor, saveNoiseFloor, withNoise } from './noise-floor.ts'

const machine = { cpuModel: 'x', cores: 2, memoryBytes: 1, architecture: 'x64' }

/** Ten rounds in which p50 of the second name is up to 4 % off that of the first. */
const runs = (subject: string, factor: (round: number) => number) => ({
  workload: 'steady',
  subject,
  loop: 'open',
  perRun: Array.from({ length: 10 }, (_, at) => ({
    round: at + 1,
    rankable: true,
    responseMs: { p50: 4 * factor(at), p90: null, p99: null, p999: null, max: null },
    cpuMicrosPerRecord: { leader: null, followers: null, generator: null },
  })),
})

const document = (name: string) =>
  ({
    id: 'e1',
    name,
    startedAt: '2026-11-22T12:00:00.000Z',
    harnessHash: 'h',
    machine,
    workloads: [{ name: 'steady' }],
    results: [
      runs('event/wal', () => 1),
      runs('event/wal@same', (at) => (at % 2 === 0 ? 1.04 : 1 / 1.04)),
    ],
  }) as unknown as ExperimentDocument

let results: string
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'raftmark-noise-'))
})
afterEach(() => rmSync(results, { recursive: true }))

test('the spread of a subject against itself is the floor of later comparisons', async () => {
  const floor = noiseFloorOf(document('aa-noise'))
  if (floor === undefined) throw new Error('no floor')
  await saveNoiseFloor(results, floor)
  const known = readNoiseFloor(results, { ...machine, freeBytes: 7 })
  const comparison = { workload: 'steady', metric: 'responseMs.p50', rounds: 10, noise: null }

  const [same, other] = withNoise(
    [comparison, { ...comparison, workload: 'slow-sync' }] as unknown as MetricComparison[],
    known,
  )

  // ln 1.04 = 0.0392, with n − 1 below 0.0413; (2.262 + 0.883) · 0.0413 / √(10 · 3/π) = 0.0421.
  expect(floor.spreads).toMatchObject([{ metric: 'responseMs.p50', rounds: 10 }])
  expect(floor.spreads[0]?.spread).toBeCloseTo(0.0413, 4)
  expect(same?.noise).toBeCloseTo(Math.exp(0.0421), 3)
  expect(other?.noise).toBeNull()
})

test('the floor of another machine, or a damaged one, is none', async () => {
  const floor = noiseFloorOf(document('aa-noise'))
  if (floor === undefined) throw new Error('no floor')
  await saveNoiseFloor(results, floor)

  expect(readNoiseFloor(results, { ...machine, cores: 4 })).toBeUndefined()
  writeFileSync(join(results, 'calibrations', 'noise.json'), '{"schema":')
  expect(readNoiseFloor(results, machine)).toBeUndefined()
})

test('only an A/A experiment has a floor', () => {
  expect(noiseFloorOf(document('quick'))).toBeUndefined()
})
