import { HistogramLogReader } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { startLoad } from '../../../test/support/load-under-test.ts'
import type { Clock } from '../../base/clock.ts'
import { isBatchFault, readBatchHeader } from '../../contract/record-batch.ts'
import { NodeId } from '../../contract/types.ts'
import { mergeHistograms, summaryOf } from './latency.ts'

const MS = 1_000_000

test('a steady run sends at the rate, and every figure is what the log made it', () => {
  const { report } = startLoad({}, { delayNs: 5 * MS }).finish()

  expect(report).toMatchObject({
    requests: 200,
    acknowledged: 200,
    failures: {},
    retries: 0,
    measuredMs: 2000,
    offeredPerSecond: 100,
    achievedPerSecond: 100,
  })
  expect(report.latency.responseMs.p50).toBeCloseTo(5, 1)
  expect(report.latency.responseMs.max).toBeCloseTo(5, 1)
  expect(report.latency.sendLagMs.max).toBeLessThan(0.01)
  expect(report.latency.fetchLagMs?.count).toBe(200)
  expect(report.checks).toEqual([
    { check: 'consumed-records', verdict: 'valid', explanation: expect.any(String) },
  ])
  expect(report.recordsConsumed).toBe(200 + report.warmUpRequests)
})

test('an open loop: a stall of the log delays every operation that is due in it', () => {
  // Warm-up takes one second; the stall is from 0.5 s to 1.5 s of the measured two.
  const stall = { startNs: 1500 * MS, endNs: 2500 * MS }
  const { report } = startLoad({ timeoutMs: 3000, drainSecondsMax: 5 }, { stall }).finish()

  const response = mergeHistograms([report.histograms.response])
  expect(report.acknowledged).toBe(200)
  // Due at 100/s while it stalls: half of them wait for more than half of it.
  expect(countAbove(response, 500)).toBeGreaterThanOrEqual(49)
  expect(countAbove(response, 500)).toBeLessThanOrEqual(51)
  expect(report.latency.sendLagMs.max).toBeLessThan(1)
})

test('a stall of the generator itself is in the response time, and is seen as send lag', () => {
  const stalled = (clock: Clock): Clock => ({
    ...clock,
    wakeAt: (atNs, wake) =>
      clock.wakeAt(atNs >= 1500 * MS && atNs < 2500 * MS ? 2500 * MS : atNs, wake),
  })
  const { report } = startLoad({ timeoutMs: 3000 }, {}, stalled).finish()

  const sendLag = mergeHistograms([report.histograms['send-lag']])
  const response = mergeHistograms([report.histograms.response])
  expect(report.acknowledged).toBe(200)
  expect(countAbove(sendLag, 500)).toBeGreaterThanOrEqual(49)
  expect(countAbove(response, 500)).toBeGreaterThanOrEqual(49)
  expect(report.latency.serviceMs.max).toBeLessThan(3)
})

test('an operation that is never answered enters at its timeout', () => {
  const { report } = startLoad(
    { consumers: 0 },
    { answer: (_request, _node, place) => (isLate(place) ? SILENT : undefined) },
  ).finish()

  expect(report.failures).toEqual({ UNANSWERED: 1 })
  expect(report.requests).toBe(200)
  expect(report.latency.responseMs.count).toBe(200)
  expect(report.latency.responseMs.max).toBeCloseTo(1000, -1)
})

test('an operation that cannot be sent enters at its timeout', () => {
  const silence = { answer: () => SILENT }
  const workload = { consumers: 0, warmUpSecondsMax: 0, warmUpInFlight: 1, timeoutMs: 10 }
  const load = startLoad(
    { ...workload, arrival: { kind: 'constant', ratePerSecond: 1000 } },
    silence,
  )
  const { report } = load.finish()

  // 64 places, and none is free again: their last attempts are still unanswered.
  expect(report.requests).toBe(2000)
  expect(report.failures['UNSENT']).toBe(2000 - (report.failures['UNANSWERED'] ?? 0))
  expect(report.failures['UNANSWERED']).toBeLessThan(64)
  expect(report.latency.responseMs.count).toBe(2000)
  expect(report.latency.responseMs.p50).toBeCloseTo(10, 1)
  expect(report.achievedPerSecond).toBe(0)
})

test('a refusal that names the leader is followed, and costs the time that it took', () => {
  const { report } = startLoad(
    {},
    { answer: (_request, node) => (node === NodeId(3) ? undefined : notLeader) },
  ).finish()

  expect(report.acknowledged).toBe(200)
  expect(report.retries).toBe(0)
  expect(report.checks[0]?.verdict).toBe('valid')
})

test('attempts that may have happened are made again with the same sequence', () => {
  const { report } = startLoad(
    {},
    { answer: (_request, _node, place) => (isLate(place) ? LEADERSHIP_LOST : undefined) },
  ).finish()

  expect(report).toMatchObject({ acknowledged: 200, retries: 1, failures: {} })
  expect(report.checks[0]?.verdict).toBe('valid')
})

test('after an operation without an outcome its producer goes on in a new epoch', () => {
  const epochs = new Set<number>()
  const { report } = startLoad(
    {},
    {
      answer: (request, _node, place) => {
        const header = readBatchHeader(request.batch)
        if (!isBatchFault(header)) epochs.add(header.producerEpoch)
        return isLate(place) ? SILENT : undefined
      },
    },
  ).finish()

  expect([...epochs]).toEqual([0, 1])
  expect(report).toMatchObject({ acknowledged: 199, failures: { UNANSWERED: 1 } })
  expect(report.checks[0]?.verdict).toBe('valid')
})

test('a closed loop keeps exactly its number outstanding', () => {
  const load = startLoad({ arrival: { kind: 'closed', inFlight: 8 }, warmUpInFlight: 3 })
  load.clock.advanceTo(500 * MS)
  expect(load.log.outstandingMax).toBe(3)

  const { report } = load.finish()

  expect(load.log.outstandingMax).toBe(8)
  // 2 ms each, 8 at a time, for 2 s.
  expect(report.achievedPerSecond).toBeCloseTo(4000, -2)
  expect(report.offeredPerSecond).toBeUndefined()
})

test('a backlog lowers the achieved rate', () => {
  const stall = { startNs: 2000 * MS, endNs: 4000 * MS }
  const { report } = startLoad({ timeoutMs: 5000, drainSecondsMax: 9 }, { stall }).finish()

  expect(report.acknowledged).toBe(200)
  expect(report.achievedPerSecond).toBeLessThan(75)
})

test('the parent ends the warm-up; without it the limit does', () => {
  const told = startLoad({ warmUpSecondsMax: 30 })
  told.clock.advanceTo(300 * MS)
  told.run.measure()
  const untold = startLoad({ warmUpSecondsMax: 3 })

  const requests = told.finish().report.warmUpRequests
  expect(untold.finish().report.warmUpRequests).toBeGreaterThan(5 * requests)
})

test('phases and slices are told as they happen', () => {
  const load = startLoad({})
  load.finish()

  const phases = load.messages.flatMap((message) =>
    message.kind === 'phase' ? [message.phase] : [],
  )
  const slices = load.messages.flatMap((message) =>
    message.kind === 'slice' ? [message.slice] : [],
  )
  const measured = slices.filter(({ phase }) => phase === 'measure')
  expect(phases).toEqual(['warm-up', 'measure', 'drain'])
  expect(measured.length).toBeGreaterThanOrEqual(7)
  expect(measured.every(({ requestsDone }) => requestsDone >= 24 && requestsDone <= 27)).toBe(true)
})

test('an interrupted run keeps what was measured and says so', () => {
  const load = startLoad({ measureSeconds: 1000 })
  load.clock.advanceTo(2010 * MS)
  load.run.stop('interrupted')
  const { report } = load.finish()

  expect(report.interrupted).toBe('interrupted')
  expect(report.requests).toBeGreaterThanOrEqual(99)
  expect(report.requests).toBeLessThanOrEqual(101)
  expect(report.offeredPerSecond).toBeCloseTo(100, -1)
  expect(report.checks[0]?.verdict).toBe('valid')
})

test('the histogram log is read by HdrHistogram’s own reader, one line an interval', () => {
  const { report, histogramLog } = startLoad({ measureSeconds: 3 }).finish()

  const reader = new HistogramLogReader(histogramLog)
  const response: number[] = []
  const tags = new Set<string>()
  for (let next = reader.nextIntervalHistogram(); next; next = reader.nextIntervalHistogram()) {
    tags.add(next.tag)
    if (next.tag === 'NO TAG') response.push(next.totalCount)
  }
  expect(response.reduce((sum, count) => sum + count, 0)).toBe(report.requests)
  expect(response.length).toBeGreaterThanOrEqual(3)
  expect(tags).toEqual(new Set(['NO TAG', 'service', 'send-lag', 'fetch-lag']))
})

test('several producers, partitions, consumers and records per batch are checked alike', () => {
  const shape = { partitions: 3, producers: 4, consumers: 2, recordsPerBatch: 5 }
  const { report } = startLoad({ ...shape, warmUpInFlight: 8 }).finish()

  expect(report.recordsAcknowledged).toBe(1000)
  expect(report.recordsConsumed).toBe(2 * 5 * (200 + report.warmUpRequests))
  expect(report.checks[0]?.verdict).toBe('valid')
})

const plainFetch = { bytesMax: 100_000, waitMsMax: 100, consistency: 'committed' } as const

/** In the measured phase, whatever the warm-up has sent: about 500 at 2 ms each. */
const isLate = (place: number): boolean => place === 550

const SILENT = { appends: false, reply: 'silent' } as const
const LEADERSHIP_LOST = {
  appends: true,
  reply: { code: 'LEADERSHIP_LOST', baseOffset: undefined, leader: undefined },
} as const
const notLeader = {
  appends: false,
  reply: { code: 'NOT_LEADER', baseOffset: undefined, leader: NodeId(3) },
} as const

function countAbove(histogram: ReturnType<typeof mergeHistograms>, ms: number): number {
  const { count } = summaryOf(histogram)
  for (let rank = 1; rank <= count; rank += 1) {
    const value = histogram.getValueAtPercentile((100 * (rank - 0.5)) / count)
    if (value > ms * 1000) return count - rank + 1
  }
  return 0
}

test('consumers that pause catch up, and the time that it takes is told', () => {
  const workload = { consumerPauseSeconds: 1, fetch: { ...plainFetch, bytesMax: 500 } }
  const { report } = startLoad(workload, { delayNs: 2 * MS }).finish()

  // 100/s for a second, read in steps of five batches at 2 ms each; meanwhile more comes.
  expect(report.catchUp?.backlogRecords).toBeGreaterThanOrEqual(99)
  expect(report.catchUp?.backlogRecords).toBeLessThanOrEqual(101)
  expect(report.catchUp?.seconds).toBeGreaterThan(0.03)
  expect(report.catchUp?.seconds).toBeLessThan(0.3)
  expect(report.latency.fetchLagMs?.max).toBeGreaterThan(900)
  expect(report.checks[0]?.verdict).toBe('valid')
})

test('replaying consumers read it all again and again, and see what changed since', () => {
  const honest = startLoad({ replayingConsumers: 2 }).finish().report
  expect(honest.recordsReplayed).toBeGreaterThan(10 * honest.recordsConsumed)
  expect(honest.checks[0]?.verdict).toBe('valid')

  const rotting = startLoad({ replayingConsumers: 1 })
  rotting.clock.advanceTo(2000 * MS)
  rotting.log.rot(10, 20)
  const { report } = rotting.finish()
  expect(report.checks[0]).toMatchObject({ verdict: 'invalid' })
  expect(report.checks[0]?.explanation).toMatch(/^partition 0, offset 20: altered/)
})

test('a search finds the highest rate that a log can hold, measures it and confirms it', () => {
  // One at a time, 1 ms each: a thousand a second, and what comes faster queues up.
  const arrival = {
    kind: 'search',
    ...{ firstPerSecond: 200, ratePerSecondMax: 50_000, probeSeconds: 1, slowMs: 50 },
    measureRatio: 1,
  } as const
  const load = startLoad({ arrival, warmUpInFlight: 1 }, { delayNs: MS, isSerial: true })
  const { report } = load.finish()

  const { search } = report
  expect(search?.probes.slice(0, 5).map(({ ratePerSecond }) => ratePerSecond)).toEqual([
    200, 400, 800, 1600, 1600,
  ])
  expect(search).toMatchObject({ hasHeld: true, isConfirmed: true })
  expect(search?.ratePerSecond).toBeGreaterThan(850)
  expect(search?.ratePerSecond).toBeLessThan(1100)
  expect((report.offeredPerSecond ?? 0) / (search?.ratePerSecond ?? 1)).toBeCloseTo(1, 0)
  expect(report.checks[0]?.verdict).toBe('valid')
})

test('a search in which nothing holds says so, and measures the lowest rate that it tried', () => {
  const arrival = {
    kind: 'search',
    ...{ firstPerSecond: 100, ratePerSecondMax: 1000, probeSeconds: 0.5, slowMs: 1 },
    measureRatio: 1,
  } as const
  const { report } = startLoad({ arrival }, { delayNs: 5 * MS }).finish()

  expect(report.search).toMatchObject({ hasHeld: false, isConfirmed: false })
  expect(report.search?.probes.every(({ held }) => !held)).toBe(true)
})

test('one hiccup in a probe does not end a search', () => {
  const arrival = {
    kind: 'search',
    ...{ firstPerSecond: 100, ratePerSecondMax: 400, probeSeconds: 1, slowMs: 50 },
    measureRatio: 1,
  } as const
  // The warm-up takes one second; the first probe stalls in the middle.
  const stall = { startNs: 1400 * MS, endNs: 1600 * MS }
  const { report } = startLoad({ arrival }, { stall }).finish()

  expect(report.search?.probes.map(({ held }) => held)).toEqual([false, true, true, true])
  expect(report.search).toMatchObject({ ratePerSecond: 400, isConfirmed: true })
})

test('a share of the rate found is measured where that is asked for', () => {
  const arrival = {
    kind: 'search',
    ...{ firstPerSecond: 200, ratePerSecondMax: 800, probeSeconds: 1, slowMs: 50 },
    measureRatio: 0.5,
  } as const
  const { report } = startLoad({ arrival }, {}).finish()

  expect(report.search?.ratePerSecond).toBe(800)
  expect((report.offeredPerSecond ?? 0) / 400).toBeCloseTo(1, 0)
})
