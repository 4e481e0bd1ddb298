import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c } from '../../base/crc32c.ts'
import { BatchEncoder } from '../../contract/record-batch-encode.ts'
import { LogIndex, Offset, Term } from '../../contract/types.ts'
import type { Entry } from '../consensus/message.ts'
import { PartitionLog } from './partition-log.ts'

type Producer = { readonly id: number; readonly epoch: number; readonly baseSequence: number }

const encoder = new BatchEncoder(crc32c)

test('offsets count records and skip no-ops', () => {
  const log = new PartitionLog()

  expect(log.apply(noop(1))).toBeUndefined()
  expect(log.apply(records(2, { count: 3 }))).toBe(0)
  expect(log.apply(noop(3))).toBeUndefined()
  expect(log.apply(records(4, { count: 2 }))).toBe(3)

  expect(log.highWatermark).toBe(5)
  expect(log.appliedIndex).toBe(4)
})

test('a fetch begins with the batch that contains the offset', () => {
  const log = new PartitionLog()
  log.apply(records(1, { count: 3 }))
  log.apply(noop(2))
  log.apply(records(3, { count: 2 }))
  log.apply(records(4, { count: 1 }))

  const row = log.offsets.rowOf(Offset(4))

  expect(log.offsets.index(row)).toBe(3)
  expect(log.offsets.baseOffset(row)).toBe(3)
  expect(log.offsets.index(row + 1)).toBe(4)
  expect(log.offsets.rows).toBe(row + 2)
})

test('a batch that comes again is answered with its first offset and appended once', () => {
  const log = new PartitionLog()
  const producer = { id: 7, epoch: 0, baseSequence: 0 }
  log.apply(records(1, { count: 1 }))
  log.apply(records(2, { count: 2, producer }))

  const again = log.apply(records(3, { count: 2, producer }))

  expect(again).toBe(1)
  expect(log.highWatermark).toBe(3)
})

test('a sequence that leaves a gap is refused, also as the first of a producer', () => {
  const log = new PartitionLog()

  const first = log.apply(records(1, { count: 1, producer: { id: 7, epoch: 0, baseSequence: 1 } }))
  log.apply(records(2, { count: 2, producer: { id: 7, epoch: 0, baseSequence: 0 } }))
  const gap = log.apply(records(3, { count: 1, producer: { id: 7, epoch: 0, baseSequence: 3 } }))

  expect(first).toBe('OUT_OF_ORDER_SEQUENCE')
  expect(gap).toBe('OUT_OF_ORDER_SEQUENCE')
  expect(log.highWatermark).toBe(2)
})

test('a newer epoch starts again at 0 and fences the older one', () => {
  const log = new PartitionLog()
  log.apply(records(1, { count: 1, producer: { id: 7, epoch: 0, baseSequence: 0 } }))

  const gap = log.apply(records(2, { count: 1, producer: { id: 7, epoch: 1, baseSequence: 1 } }))
  const next = log.apply(records(3, { count: 1, producer: { id: 7, epoch: 1, baseSequence: 0 } }))
  const old = log.apply(records(4, { count: 1, producer: { id: 7, epoch: 0, baseSequence: 1 } }))

  expect([gap, next, old]).toEqual(['OUT_OF_ORDER_SEQUENCE', 1, 'FENCED'])
})

test('the sequence after the largest one is 0', () => {
  const log = new PartitionLog()
  const last = 2 ** 31 - 1
  const count = 3
  log.apply(records(1, { count, producer: { id: 7, epoch: 0, baseSequence: 0 } }))
  // Walks the sequence up to its end in the largest steps that a batch header can say.
  const header = records(2, { count, producer: { id: 7, epoch: 0, baseSequence: count } })
  const view = new DataView(header.payload.buffer, header.payload.byteOffset)
  view.setInt32(57, last - count + 1)
  log.apply(header)

  const wrapped = log.apply(
    records(3, { count: 1, producer: { id: 7, epoch: 0, baseSequence: 0 } }),
  )

  expect(wrapped).toBe(last + 1)
  expect(log.highWatermark).toBe(last + 2)
})

test('every offset is found in the entry that a plain list gives for it', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(counts, (recordCounts) => {
      const log = new PartitionLog()
      const ownerOf: number[] = []
      for (const [at, count] of recordCounts.entries()) {
        log.apply(count === 0 ? noop(at + 1) : records(at + 1, { count }))
        for (let record = 0; record < count; record += 1) ownerOf.push(at + 1)
      }
      for (const [offset, index] of ownerOf.entries()) {
        expect(log.offsets.index(log.offsets.rowOf(Offset(offset)))).toBe(index)
      }
      expect(log.highWatermark).toBe(ownerOf.length)
    }),
  )
})

const noop = (index: number): Entry => ({
  term: Term(1),
  index: LogIndex(index),
  kind: 'noop',
  payload: new Uint8Array(0),
})

function records(index: number, batch: { count: number; producer?: Producer }): Entry {
  const value = new Uint8Array([index])
  const payload = encoder.encode({
    records: Array.from({ length: batch.count }, () => ({ value })),
    timestampMs: 0,
    ...(batch.producer === undefined ? {} : { producer: batch.producer }),
  })
  return { term: Term(1), index: LogIndex(index), kind: 'records', payload }
}
