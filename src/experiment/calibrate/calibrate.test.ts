import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createGuard } from '../../os/guard.ts'
import { calibrate } from './calibrate.ts'
import { quantilesOf, warningsOf } from './calibration.ts'

test('a calibration measures every figure and leaves no file', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'raftmark-calibrate-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const guard = await createGuard()
  onTestFinished(() => guard.close())

  const calibration = await calibrate({ directory, guard })

  const { syncMs, roundTripMs, timerLatenessMs, coreScore } = calibration
  for (const { p50, p99, count } of [syncMs, roundTripMs, timerLatenessMs]) {
    expect(count).toBeGreaterThan(0)
    expect(p50).toBeGreaterThan(0)
    expect(p99).toBeGreaterThanOrEqual(p50)
  }
  expect(coreScore).toBeGreaterThan(1)
  expect(calibration.stealRatio).toBeGreaterThanOrEqual(0)
  expect(readdirSync(directory)).toEqual([])
})

test('a folder that cannot be written is refused', async () => {
  const guard = await createGuard()
  onTestFinished(() => guard.close())

  await expect(calibrate({ directory: '/proc/raftmark', guard })).rejects.toMatchObject({
    code: 'directory-unusable',
  })
})

test('quantiles are samples, by nearest rank', () => {
  const samples = Array.from({ length: 200 }, (_, at) => 200 - at)

  expect(quantilesOf(samples)).toEqual({ p50: 100, p99: 198, count: 200 })
  expect(quantilesOf([7])).toEqual({ p50: 7, p99: 7, count: 1 })
})

const quiet = { syncMs: { p50: 0.3, p99: 1, count: 100 }, runDelayRatio: 0.001, stealRatio: 0 }

test.each([
  ['a quiet machine with a disk', quiet, 'ext4', []],
  ['memory for a disk', { ...quiet, syncMs: { ...quiet.syncMs, p50: 0.001 } }, 'tmpfs', [/tmpfs/]],
  ['a sync that is none', { ...quiet, syncMs: { ...quiet.syncMs, p50: 0.012 } }, 'ext4', [/12 µs/]],
  ['foreign load', { ...quiet, runDelayRatio: 0.25 }, 'ext4', [/25\.0 % of the time no core/]],
  ['a greedy host', { ...quiet, stealRatio: 0.031 }, 'ext4', [/3\.1 %/]],
])('%s is warned of as it deserves', (_, figures, type, warnings) => {
  expect(warningsOf(figures, type)).toEqual(warnings.map((words) => expect.stringMatching(words)))
})
