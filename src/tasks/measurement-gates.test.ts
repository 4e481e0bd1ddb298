import { expect, test } from 'vitest'
import type { Calibration } from '../experiment/calibrate/calibration.ts'
import type { RunFigures } from '../judgement/history/run-record.ts'
import { gatesOf } from './measurement-gates.ts'
import type { Surroundings } from './surroundings.ts'

const quiet: Surroundings = { seconds: 10, clockJumpMs: 2, foreignRatio: 0.03 }

test.each([
  ['a quiet machine', quiet, []],
  ['foreign load', { ...quiet, foreignRatio: 0.11 }, ['foreign-load']],
  ['a clock that was set', { ...quiet, clockJumpMs: 101 }, ['clock-jump']],
  ['an hour of slewing', { ...quiet, seconds: 3_600, clockJumpMs: 1_800 }, []],
  ['an hour with a jump', { ...quiet, seconds: 3_600, clockJumpMs: 3_700 }, ['clock-jump']],
])('%s misses %j', (_, surroundings, missed) => {
  expect(missedBy(surroundings)).toEqual(missed)
})

test('a run that did not come to its end has no gates about its surroundings', () => {
  const names = gatesOf({ ...run, surroundings: undefined }).map(({ name }) => name)

  expect(names).toEqual(['send-lag-p99', 'achieved/offered', 'elections', 'warm'])
})

const none = { p50: 1, p90: 1, p99: 1, p999: 1, max: 1, count: 100 }

const figures: RunFigures = {
  requests: 100,
  failures: {},
  offeredPerSecond: 10,
  achievedPerSecond: 10,
  responseMs: none,
  serviceMs: none,
  sendLagMs: none,
  fetchLagMs: undefined,
  cpuMicrosPerRecord: { leader: 1, followers: 1, generator: 1 },
  syncsPerAck: 1,
  bytesWrittenPerAck: 1,
  rssBytesMax: 1,
  gcPauseMsTotal: 1,
  gcPauseMsMax: 1,
  elections: 0,
  requestsPerFrame: 1,
}

const calibration: Calibration = {
  schema: 'raftmark/calibration/1',
  takenAt: '2026-03-01T12:34:56.789Z',
  syncMs: { p50: 0.3, p99: 1, count: 100 },
  roundTripMs: { p50: 0.1, p99: 0.2, count: 100 },
  timerLatenessMs: { p50: 0.1, p99: 0.2, count: 100 },
  coreScore: 600,
  runDelayRatio: 0,
  stealRatio: 0,
  warnings: [],
}

const run = { figures, calibration, isWarm: true, warmthChange: 0.01 }

const missedBy = (surroundings: Surroundings): readonly string[] =>
  gatesOf({ ...run, surroundings })
    .filter(({ held }) => !held)
    .map(({ name }) => name)
