import { expect, test } from 'vitest'
import { startLoad } from '../../../test/support/load-under-test.ts'
import { crc32c } from '../../base/crc32c.ts'
import { prngFromSeed } from '../../base/prng.ts'
import { batchLayout, putInt32, servedCopyOf } from '../../contract/record-batch.ts'
import { BatchEncoder } from '../../contract/record-batch-encode.ts'
import { Offset, Term } from '../../contract/types.ts'
import type { CheckResult } from '../../judgement/history/run-record.ts'
import { createPayloads } from '../workload/payload.ts'
import type { Workload } from '../workload/workload.ts'
import { Ledger } from './ledger.ts'
import { RecordCheck } from './record-check.ts'

type Keep = (batch: Uint8Array, place: number) => readonly Uint8Array[]

/** The check of a run over a log that keeps something else than it was given. */
function checkOf(keep: Keep, workload: Partial<Workload> = {}): CheckResult | undefined {
  const { report } = startLoad({ ...workload, drainSecondsMax: 1 }, { keep }).finish()
  return report.checks[0]
}

/** What the log does to one batch in the middle of the run. */
const at =
  (place: number, what: (batch: Uint8Array) => readonly Uint8Array[]): Keep =>
  (batch, seen) =>
    seen === place ? what(batch) : [batch]

test('a log that tells the truth is valid', () => {
  expect(checkOf((batch) => [batch])?.verdict).toBe('valid')
})

test('a lost batch is found, with its place', () => {
  const check = checkOf(at(600, () => []))

  expect(check).toMatchObject({ verdict: 'invalid' })
  expect(check?.explanation).toBe(
    'partition 0, offset 600: lost: producer 1000 epoch 0 sequence 600 was acknowledged here',
  )
})

test('a lost last batch is found by one linearizable fetch', () => {
  let last = 0
  checkOf((batch, place) => {
    last = place
    return [batch]
  })

  const check = checkOf(at(last, () => []))

  expect(check).toMatchObject({ verdict: 'invalid' })
  expect(check?.explanation).toContain('lost: a linearizable fetch afterwards says')
})

test('acks of the leader alone do not promise that, so nobody can say', () => {
  const check = checkOf((batch, place) => (place > 650 ? [] : [batch]), { acks: 'leader' })

  expect(check?.verdict).toBe('unknown')
})

test('a duplicated batch is found', () => {
  const check = checkOf(at(600, (batch) => [batch, batch]))

  expect(check).toMatchObject({ verdict: 'invalid' })
  expect(check?.explanation).toMatch(/^partition 0, offset 601: duplicate: producer 1000 epoch 0/)
})

test('a batch that is duplicated long after it was read is found', () => {
  let first: Uint8Array = new Uint8Array(0)
  const check = checkOf(
    (batch, place) => {
      if (place === 0) first = batch
      return place === 1500 ? [first, batch] : [batch]
    },
    { arrival: { kind: 'constant', ratePerSecond: 1000 } },
  )

  expect(check?.explanation).toMatch(/offset 1500: duplicate: producer 1000 epoch 0 sequence 0 was/)
})

test('reordered batches are found', () => {
  let held: Uint8Array = new Uint8Array(0)
  const check = checkOf((batch, place) => {
    if (place === 600) {
      held = batch
      return []
    }
    return place === 601 ? [batch, held] : [batch]
  })

  expect(check).toMatchObject({ verdict: 'invalid' })
  expect(check?.explanation).toMatch(/^partition 0, offset 60[01]: /)
})

test('one altered bit is found by the checksum', () => {
  const check = checkOf(
    at(600, (batch) => {
      const copy = batch.slice()
      const last = copy.length - 5
      copy[last] = (copy[last] as number) ^ 1
      return [copy]
    }),
  )

  expect(check?.explanation).toMatch(/^partition 0, offset 600: altered: checksum is wrong/)
})

test('an altered value with a right checksum is found by its content', () => {
  const check = checkOf(
    at(600, (batch) => {
      const copy = batch.slice()
      const last = copy.length - 5
      copy[last] = (copy[last] as number) ^ 1
      putInt32(copy, batchLayout.crc, crc32c(copy.subarray(batchLayout.attributes)))
      return [copy]
    }),
  )

  expect(check?.explanation).toMatch(/^partition 0, offset 600: altered: the value of record 0/)
})

test('a phantom batch is found', () => {
  const phantom = new BatchEncoder(crc32c).encode({
    records: [{ value: new Uint8Array(20) }],
    timestampMs: 0,
    producer: { id: 7, epoch: 0, baseSequence: 0 },
  })
  const check = checkOf(at(600, (batch) => [batch, phantom]))

  expect(check?.explanation).toMatch(/^partition 0, offset 601: phantom: producer 7 epoch 0 seq/)
})

test('a batch of a sequence that was never sent is a phantom too', () => {
  const encoder = new BatchEncoder(crc32c)
  const producer = { id: 1000, epoch: 0, baseSequence: 1_000_000 }
  const phantom = encoder.encode({
    records: [{ value: new Uint8Array(20) }],
    timestampMs: 0,
    producer,
  })
  const check = checkOf(at(600, (batch) => [batch, phantom]))

  expect(check?.explanation).toContain('phantom: producer 1000 epoch 0 sequence 1000000')
})

test('bytes that are no batch are found', () => {
  const check = checkOf(at(600, () => [new Uint8Array(30)]))

  expect(check?.explanation).toMatch(/^partition 0, offset 600: no record batch: shorter/)
})

test('a refused batch that is in the log is found', () => {
  const refused = {
    appends: true,
    reply: { code: 'BATCH_TOO_LARGE', baseOffset: undefined },
  } as const
  const { report } = startLoad(
    {},
    { answer: (_request, _node, place) => (place === 600 ? refused : undefined) },
  ).finish()

  expect(report.checks[0]).toMatchObject({ verdict: 'invalid' })
  expect(report.checks[0]?.explanation).toContain('is in the log')
})

test('an acknowledgement at the wrong offset is found, also when it comes after the record', () => {
  const wrong = { appends: true, reply: { baseOffset: 3 } } as never
  const { report } = startLoad(
    {},
    { answer: (_request, _node, place) => (place === 600 ? wrong : undefined) },
  ).finish()

  expect(report.checks[0]?.explanation).toMatch(/^partition 0, offset 600: .* at offset 3$/)
})

test('a log that acknowledged nothing is neither valid nor invalid', () => {
  const silent = { appends: false, reply: 'silent' } as const
  const { report } = startLoad({}, { answer: () => silent }).finish()

  expect(report.checks[0]?.verdict).toBe('unknown')
})

test.each([
  { served: 5, expected: 0, fault: 'lost: the next batch begins at offset 5' },
  { served: 3, expected: 4, fault: 'the batch served begins at offset 3, which was read before' },
])('a batch at $served where $expected is expected is found', ({ served, expected, fault }) => {
  const ledger = new Ledger({
    ...{ producers: 1, partitions: 1, recordsPerBatch: 1, consumers: 1 },
    firstProducerId: 7,
  })
  const payloads = createPayloads({
    prng: prngFromSeed(1),
    workload: { payloadBytes: 10, payloadSizes: 'fixed', compressibleRatio: 0 },
  })
  const check = new RecordCheck({ ledger, payloads, crc32c, recordsPerBatch: 1 })
  ledger.begin(0)
  const batch = new BatchEncoder(crc32c).encode({
    records: [{ value: payloads.valueOf(7, 0, 0) }],
    timestampMs: 0,
    producer: { id: 7, epoch: 0, baseSequence: 0 },
  })

  const observed = check.observe(0, expected, servedCopyOf(batch, Offset(served), Term(1)))

  expect(check.violation).toBe(`partition 0, offset ${expected}: ${fault}`)
  expect(observed?.nextOffset).toBeGreaterThan(expected)
})
