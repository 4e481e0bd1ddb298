import { expect, test } from 'vitest'
import { prngFromSeed } from '../base/prng.ts'
import type { LatencySeries } from '../judgement/history/latency-series.ts'
import { sampleEveryMs, trendsOf } from './run-trends.ts'

function seriesOf(slotMs: number, p50Ms: readonly number[]): LatencySeries {
  const requests = p50Ms.map(() => 100)
  const p99Ms = p50Ms.map((value) => 3 * value)
  const unacknowledged = p50Ms.map(() => 0)
  return {
    schema: 'raftmark/series/1',
    ...{ slotMs, requests, unacknowledged, p50Ms, p99Ms, maxMs: p99Ms },
  }
}

const prng = prngFromSeed(11)
const noisy = (length: number, of: (at: number) => number) =>
  Array.from({ length }, (_, at) => of(at) * (1 + 0.02 * prng.ratio()))

test.each([
  ['flat', noisy(60, () => 4)],
  ['warm-up', noisy(60, (at) => (at < 12 ? 8 : 4))],
  ['slowdown', noisy(60, (at) => (at < 12 ? 4 : 8))],
  ['no-steady-state', noisy(60, (at) => (at < 45 ? 4 : 8))],
])('a run that is %s is called so', (name, p50Ms) => {
  expect(trendsOf(seriesOf(50, p50Ms), [], 'open').steadiness?.class).toBe(name)
})

test('too few windows say nothing', () => {
  expect(
    trendsOf(
      seriesOf(
        50,
        noisy(20, () => 4),
      ),
      [],
      'open',
    ).steadiness,
  ).toBeNull()
})

test('an hour in which p99 creeps by 3 ms and memory by 60 MiB shows both', () => {
  const slots = 120
  const series = seriesOf(
    30_000,
    noisy(slots, (at) => 4 + at / slots),
  )
  const samples = Array.from({ length: slots }, (_, at) => ({
    atMs: at * 30_000,
    rssBytes: 2 ** 20 * (200 + (60 * at) / slots + prng.ratio()),
    writtenBytes: 1_000 * at,
  }))

  const { slopes } = trendsOf(series, samples, 'open')

  const found = Object.fromEntries(slopes.map((slope) => [slope.figure, slope]))
  expect(found['p99Ms']?.perHour).toBeCloseTo(3, 0)
  expect(found['p99Ms']?.low).toBeGreaterThan(2)
  expect((found['rssBytes']?.perHour ?? 0) / 2 ** 20).toBeCloseTo(60, 0)
  expect(found['writtenBytes']?.perHour).toBeCloseTo(120_000, 3)
})

test('a short run is not looked at, and has no slope', () => {
  expect(sampleEveryMs(10)).toBeUndefined()
  expect(sampleEveryMs(3_600)).toBe(30_000)
  expect(
    trendsOf(
      seriesOf(
        50,
        noisy(60, () => 4),
      ),
      [],
      'open',
    ).slopes,
  ).toEqual([])
})
