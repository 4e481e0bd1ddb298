import { expect, test } from 'vitest'
import { casesOf, titleOf } from './cases.ts'
import type { WorkloadFile } from './workload.ts'

const file: WorkloadFile = {
  name: 'grid',
  question: 'What does a sweep make?',
  placement: 'process',
  durability: 'D2',
  syncDelayMs: 0,
  roundTripMs: 0,
  cpus: 'shared',
  arrival: { kind: 'closed', inFlight: 1 },
  partitions: 1,
  producers: 1,
  consumers: 0,
  consumerPauseSeconds: 0,
  replayingConsumers: 0,
  keys: 'none',
  payloadBytes: 100,
  payloadSizes: 'fixed',
  compressibleRatio: 0,
  keyCount: 1000,
  recordsPerBatch: 1,
  acks: 'quorum',
  timeoutMs: 1000,
  fetch: { bytesMax: 1000, waitMsMax: 100, consistency: 'committed' },
  warmUpInFlight: 1,
  warmUpSecondsMax: 1,
  rehearsalSeconds: 0,
  measureSeconds: 1,
  drainSecondsMax: 1,
  history: false,
}

test('a file without a sweep is one workload', () => {
  expect(casesOf(file)).toEqual([file])
})

test('durabilities can be swept like numbers', () => {
  const cases = casesOf({ ...file, sweep: { durability: ['D0', 'D3'], inFlight: [64] } })

  expect(cases.map(titleOf)).toEqual([
    'grid durability=D0 inFlight=64',
    'grid durability=D3 inFlight=64',
  ])
  expect(cases.map(({ durability }) => durability)).toEqual(['D0', 'D3'])
})

test('the keys of a sweep are crossed, the last one fastest', () => {
  const cases = casesOf({ ...file, sweep: { inFlight: [1, 2], payloadBytes: [0, 10] } })

  expect(cases.map(titleOf)).toEqual([
    'grid inFlight=1 payloadBytes=0',
    'grid inFlight=1 payloadBytes=10',
    'grid inFlight=2 payloadBytes=0',
    'grid inFlight=2 payloadBytes=10',
  ])
  expect(cases[3]).toMatchObject({ arrival: { kind: 'closed', inFlight: 2 }, payloadBytes: 10 })
})
