import { expect, test } from 'vitest'
import { SeriesRecorder } from './latency-series.ts'

const MS = 1_000_000

test('a stall is seen where it began, by those who were due in it', () => {
  const recorder = new SeriesRecorder(3)
  recorder.begin(5_000 * MS)
  for (let due = 0; due < 3_000; due += 1) {
    const waited = due >= 1_000 && due < 2_400 ? 2_400 - due : 2
    recorder.record((5_000 + due) * MS, waited * MS, true)
  }

  const { slotMs, maxMs, p50Ms, requests } = recorder.series

  expect(slotMs).toBe(50)
  expect(requests.every((count) => count === 50)).toBe(true)
  expect(maxMs[19]).toBe(2)
  expect(maxMs[20]).toBe(1_400)
  expect(maxMs[47]).toBe(50)
  expect(maxMs[48]).toBe(2)
  expect(p50Ms[0]).toBeCloseTo(2, 1)
})

test('quantiles lie within a sixteenth, and only where enough operations are', () => {
  const recorder = new SeriesRecorder(1)
  recorder.begin(0)
  for (let micros = 1; micros <= 10_000; micros += 1) recorder.record(0, micros * 1_000, true)
  for (let few = 0; few < 19; few += 1) recorder.record(60 * MS, MS, true)

  const { p50Ms, p99Ms, maxMs } = recorder.series

  expect(p50Ms[0]).toBeGreaterThanOrEqual(5)
  expect(p50Ms[0]).toBeLessThan(5 * (17 / 16))
  expect(p99Ms[0]).toBeGreaterThanOrEqual(9.9)
  expect(p99Ms[0]).toBeLessThanOrEqual(10)
  expect(p50Ms[1]).toBeNull()
  expect(maxMs[2]).toBeNull()
})

test('an hour has no more slots than a page', () => {
  expect(new SeriesRecorder(3_600).series).toMatchObject({ slotMs: 30_000 })
  expect(new SeriesRecorder(3_600).series.requests).toHaveLength(120)
})

test('what was not acknowledged is counted at its timeout', () => {
  const recorder = new SeriesRecorder(1)
  recorder.begin(0)
  recorder.record(120 * MS, 2_000 * MS, false)

  const { unacknowledged, maxMs } = recorder.series

  expect(unacknowledged[2]).toBe(1)
  expect(maxMs[2]).toBe(2_000)
})
