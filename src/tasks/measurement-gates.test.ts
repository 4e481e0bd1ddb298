import { expect, test } from 'vitest'
import type { Calibration } from '../experiment/calibrate/calibration.ts'
import type { LatencySummary, RunFigures } from '../judgement/history/run-record.ts'
import { type DurabilityClaims, gatesOf } from './measurement-gates.ts'

const latency = (p99: number | undefined, max = p99): LatencySummary => ({
  p50: 1,
  p90: 1,
  p99,
  p999: undefined,
  max,
  count: 1_000,
})

const figures = (changed: Partial<RunFigures>): RunFigures => ({
  requests: 1_000,
  failures: {},
  offeredPerSecond: 400,
  achievedPerSecond: 399,
  responseMs: latency(10),
  serviceMs: latency(10),
  sendLagMs: latency(1),
  fetchLagMs: undefined,
  cpuMicrosPerRecord: { leader: 1, followers: 1, generator: 1 },
  syncsPerAck: 1,
  bytesWrittenPerAck: 1,
  rssBytesMax: 1,
  gcPauseMsTotal: undefined,
  gcPauseMsMax: undefined,
  elections: 0,
  requestsPerFrame: 1,
  ...changed,
})

/** The names of the gates that were missed. */
function missed(
  changed: Partial<RunFigures>,
  run: {
    readonly lateMs?: number
    readonly cpuChange?: number
    readonly foreignRatio?: number
    readonly clockJumpMs?: number
    readonly stealRatio?: number
    readonly runDelayRatio?: number
    /** Before the round; 0.4 when the experiment began. */
    readonly syncMs?: number
    readonly usesDisk?: boolean
    readonly claims?: DurabilityClaims
  } = {},
): readonly string[] {
  const { lateMs = 0.1, cpuChange = 0.05, foreignRatio = 0, clockJumpMs = 0, stealRatio = 0 } = run
  const { runDelayRatio = 0, syncMs = 0.4, usesDisk = true } = run
  const quantiles = (p50: number) => ({ p50, p99: 1, count: 100 })
  const timerLatenessMs = { p50: lateMs, p99: lateMs, count: 100 }
  return gatesOf({
    figures: figures(changed),
    calibration: { timerLatenessMs, syncMs: quantiles(0.4) } as Calibration,
    cpuChange,
    surroundings: { foreignRatio, stealRatio, clockJumpMs, seconds: 2 },
    probe: { runDelayRatio, syncMs: quantiles(syncMs) },
    usesDisk,
    ...(run.claims === undefined ? {} : { claims: run.claims }),
  })
    .filter((gate) => !gate.held)
    .map((gate) => gate.name)
}

test('a run without a fault holds every gate', () => {
  expect(missed({})).toEqual([])
})

test.each([
  ['2 ms, if all else is small', 2.1, 10, 0.1],
  ['5 % of the measured p99', 5.1, 100, 0.1],
  ['3 × the lateness of timers', 9.1, 10, 3],
])('the send lag may be %s, and not more', (_, lagMs, p99Ms, lateMs) => {
  const late = { sendLagMs: latency(lagMs), responseMs: latency(p99Ms) }
  const inTime = { sendLagMs: latency(lagMs - 0.2), responseMs: latency(p99Ms) }

  expect(missed(late, { lateMs })).toEqual(['send-lag-p99'])
  expect(missed(inTime, { lateMs })).toEqual([])
})

test('with too few requests for a p99 the largest lag counts', () => {
  expect(missed({ sendLagMs: latency(undefined, 50) })).toEqual(['send-lag-p99'])
})

test.each([
  ['achieved/offered', { achievedPerSecond: 395 }, {}],
  ['elections', { elections: 1 }, {}],
  ['warm', {}, { cpuChange: -0.26 }],
  ['foreign-load', {}, { foreignRatio: 0.11 }],
  ['clock-jump', {}, { clockJumpMs: 101 }],
])('%s is missed by itself', (name, changed, run) => {
  expect(missed(changed, run)).toEqual([name])
})

test('a closed loop has no intended times and no offered rate to miss', () => {
  const closed = { offeredPerSecond: undefined, sendLagMs: latency(50), achievedPerSecond: 1 }

  expect(missed(closed)).toEqual([])
})

test.each([
  ['another guest', { stealRatio: 0.06 }, ['steal']],
  ['a neighbour on the cores', { runDelayRatio: 0.11 }, ['run-delay']],
  ['a neighbour on the disk', { syncMs: 0.81 }, ['sync-drift']],
  ['a disk that became faster', { syncMs: 0.19 }, ['sync-drift']],
  ['the disk under a log in memory', { syncMs: 4, usesDisk: false }, []],
  ['what stays within the bounds', { stealRatio: 0.04, runDelayRatio: 0.09, syncMs: 0.79 }, []],
])('%s is seen as noise', (_, run, gates) => {
  expect(missed({}, run)).toEqual(gates)
})

test.each<[string, DurabilityClaims, number, readonly string[]]>([
  ['D2 that was seen as D1', { claimed: 'D2', nodes: 3, observed: 'D1' }, 2, ['durability']],
  ['D2 that was seen as D3', { claimed: 'D2', nodes: 3, observed: 'D3' }, 2, []],
  ['D2 without a sync', { claimed: 'D2', nodes: 3, observed: undefined }, 0, ['durability']],
  ['D2 with shared syncs', { claimed: 'D2', nodes: 3, observed: undefined }, 0.05, []],
  ['D3 with shared syncs', { claimed: 'D3', nodes: 3, observed: undefined }, 1.5, ['durability']],
  ['D3 on a majority', { claimed: 'D3', nodes: 3, observed: undefined }, 2, []],
  ['D1 without a sync', { claimed: 'D1', nodes: 3, observed: 'D1' }, 0, []],
])('%s is ranked only if it keeps its claim', (_, claims, syncsPerAck, names) => {
  expect(missed({ syncsPerAck }, { claims })).toEqual(names)
})
