import { createRecordsBatch, Reader, readRecordsBatch } from '@platformatic/kafka'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c } from '../base/crc32c.ts'
import {
  BATCH_HEADER_BYTES,
  batchLayout,
  isBatchFault,
  isBatchIntact,
  readBatchHeader,
  servedCopyOf,
} from './record-batch.ts'
import { decodeBatch } from './record-batch-decode.ts'
import { BatchEncoder, type NewBatch } from './record-batch-encode.ts'
import { Offset, Term } from './types.ts'

const bytes = fc.uint8Array({ maxLength: 300 })
const batches: fc.Arbitrary<NewBatch> = fc.record(
  {
    timestampMs: fc.integer({ min: 0, max: 2 ** 45 }),
    producer: fc.record({
      id: fc.integer({ min: 0, max: 2 ** 50 }),
      epoch: fc.integer({ min: 0, max: 2 ** 15 - 1 }),
      baseSequence: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    }),
    records: fc.array(fc.record({ key: bytes, value: bytes }, { requiredKeys: ['value'] }), {
      minLength: 1,
      maxLength: 40,
    }),
  },
  { requiredKeys: ['timestampMs', 'records'] },
)
const encoder = new BatchEncoder(crc32c)

test('a batch reads back as it was encoded', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const decoded = decodeBatch(encoder.encode(batch), crc32c)

      if (isBatchFault(decoded)) throw new Error(decoded.fault)
      expect(decoded.records.map((record) => [record.key, record.value])).toEqual(
        batch.records.map((record) => [record.key, record.value]),
      )
      expect(decoded.header.producerId).toBe(batch.producer?.id ?? -1)
      expect(decoded.header.baseSequence).toBe(batch.producer?.baseSequence ?? -1)
    }),
  )
})

test('a public Kafka client reads what is encoded', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const encoded = Buffer.from(encoder.encode(batch))

      const read = readRecordsBatch(Reader.from(encoded))
      expect(read.magic).toBe(2)
      expect(read.length).toBe(encoded.length - batchLayout.leaderEpoch)
      expect(read.producerId).toBe(BigInt(batch.producer?.id ?? -1))
      expect(read.producerEpoch).toBe(batch.producer?.epoch ?? -1)
      expect(read.firstSequence).toBe(batch.producer?.baseSequence ?? -1)
      expect(read.firstTimestamp).toBe(BigInt(batch.timestampMs))
      const plain = (value: Uint8Array | null | undefined) => value && Buffer.from(value)
      expect(read.records.map(({ key, value }) => [plain(key), plain(value)])).toEqual(
        batch.records.map(({ key, value }) => [
          key === undefined ? null : plain(key),
          plain(value),
        ]),
      )
    }),
  )
})

test('what a public Kafka client encodes is the same, byte for byte', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const timestamp = BigInt(batch.timestampMs)
      const theirs = createRecordsBatch(
        batch.records.map(({ key, value }) => ({
          topic: 't',
          partition: 0,
          timestamp,
          value: Buffer.from(value),
          ...(key && { key: Buffer.from(key) }),
        })),
        { producerId: BigInt(batch.producer?.id ?? 7), producerEpoch: batch.producer?.epoch ?? 3 },
      ).buffer
      const producer = { id: 7, epoch: 3, ...batch.producer, baseSequence: 0 }

      expect(isBatchIntact(theirs, crc32c)).toBe(true)
      expect(Buffer.from(encoder.encode({ ...batch, producer }))).toEqual(Buffer.from(theirs))
    }),
  )
})

test('record timestamps move the maximum and read back', () => {
  const encoded = encoder.encode({
    timestampMs: 1000,
    records: [5000, 1000, 300_000].map((timestampMs) => ({
      value: Uint8Array.of(1),
      timestampMs,
    })),
  })

  const decoded = decodeBatch(encoded, crc32c)

  if (isBatchFault(decoded)) throw new Error(decoded.fault)
  expect(decoded.header.maxTimestampMs).toBe(300_000)
  expect(decoded.records.map(({ timestampMs }) => timestampMs)).toEqual([5000, 1000, 300_000])
})

test('offset and term are patched into a copy, outside the checksum', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(), (offset, term) => {
      const batch = encoder.encode({ timestampMs: 1, records: [{ value: Uint8Array.of(7) }] })
      const before = batch.slice()

      const served = servedCopyOf(batch, Offset(offset), Term(term))

      expect(batch).toEqual(before)
      expect(isBatchIntact(served, crc32c)).toBe(true)
      expect(readBatchHeader(served)).toMatchObject({ baseOffset: offset, leaderEpoch: term })
    }),
  )
})

test('any flipped bit behind the checksum is seen', () => {
  const batch = encoder.encode({ timestampMs: 1, records: [{ value: new Uint8Array(50) }] })
  const bits = fc.integer({ min: batchLayout.crc * 8, max: batch.length * 8 - 1 })
  fc.assert(
    fc.property(bits, (bit) => {
      const broken = batch.slice()
      broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7))

      expect(isBatchFault(decodeBatch(broken, crc32c))).toBe(true)
    }),
  )
})

test('random bytes and cut batches are faults, never exceptions', () => {
  const batch = encoder.encode({ timestampMs: 1, records: [{ value: new Uint8Array(50) }] })
  for (let end = 0; end < batch.length; end += 1) {
    expect(isBatchFault(decodeBatch(batch.subarray(0, end), crc32c))).toBe(true)
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      const shaped = new Uint8Array(BATCH_HEADER_BYTES + tail.length)
      shaped.set(batch.subarray(0, BATCH_HEADER_BYTES))
      shaped.set(tail, BATCH_HEADER_BYTES)
      new DataView(shaped.buffer).setInt32(8, shaped.length - 12)
      new DataView(shaped.buffer).setUint32(17, crc32c(shaped.subarray(21)))

      decodeBatch(shaped, crc32c)
    }),
  )
})

test.each([
  ['magic', batchLayout.magic, 1],
  ['compressed', batchLayout.attributes + 1, 1],
  ['record', batchLayout.recordCount + 3, 0],
  ['last offset', batchLayout.lastOffsetDelta + 3, 9],
  ['says it has', batchLayout.batchLength + 3, 1],
])('a header with a wrong %s is refused at its byte', (word, byte, value) => {
  const batch = encoder.encode({ timestampMs: 1, records: [{ value: Uint8Array.of(1) }] })
  batch[byte] = value

  const header = readBatchHeader(batch)

  expect(header).toMatchObject({ fault: expect.stringContaining(word) })
})
