import { assert } from '../base/assert.ts'
import type { Crc32c } from '../base/crc32c.ts'
import { BATCH_HEADER_BYTES, batchLayout, putInt16, putInt32, putInt64 } from './record-batch.ts'

/** One record to send. Without a key it has the null key of Kafka. */
export type NewRecord = {
  readonly key?: Uint8Array
  readonly value: Uint8Array
  /** Milliseconds since 1970, at or after that of the batch. Absent: that of the batch. */
  readonly timestampMs?: number
}

export type NewBatch = {
  /** At least one. */
  readonly records: readonly NewRecord[]
  /** Milliseconds since 1970. */
  readonly timestampMs: number
  /** Absent: no producer id, and so no detection of duplicates. */
  readonly producer?: {
    readonly id: number
    readonly epoch: number
    /** Of the first record. */
    readonly baseSequence: number
  }
}

/** Batches are carved from slabs of this size: one allocation for thousands of small ones. */
const SLAB_BYTES = 512 * 1024
/** Length, attributes, timestamp delta, offset delta, key and value lengths, header count. */
const RECORD_OVERHEAD_BYTES_MAX = 5 + 1 + 10 + 5 + 5 + 5 + 1
const NULL_LENGTH = -1

/**
 * Encodes record batches. What it returns is never written again, so the receiver may keep it;
 * small batches share one buffer underneath.
 */
export class BatchEncoder {
  readonly #crc32c: Crc32c
  #slab = new Uint8Array(0)
  #at = 0

  constructor(crc32c: Crc32c) {
    this.#crc32c = crc32c
  }

  encode(batch: NewBatch): Uint8Array {
    assert(batch.records.length > 0, 'a batch has at least one record')
    const start = this.#reserve(bytesAtMost(batch.records))
    const slab = this.#slab
    let at = start + BATCH_HEADER_BYTES
    let timestampMsMax = batch.timestampMs
    for (let delta = 0; delta < batch.records.length; delta += 1) {
      const record = batch.records[delta] as NewRecord
      const timestampMs = record.timestampMs ?? batch.timestampMs
      if (timestampMs > timestampMsMax) timestampMsMax = timestampMs
      at = putRecord(slab, at, record, timestampMs - batch.timestampMs, delta)
    }
    this.#at = at
    const encoded = slab.subarray(start, at)
    putHeader(encoded, batch, timestampMsMax)
    const crc = this.#crc32c(encoded.subarray(batchLayout.attributes))
    putInt32(encoded, batchLayout.crc, crc)
    return encoded
  }

  #reserve(bytes: number): number {
    if (this.#at + bytes > this.#slab.length) {
      this.#slab = new Uint8Array(Math.max(SLAB_BYTES, bytes))
      this.#at = 0
    }
    return this.#at
  }
}

function bytesAtMost(records: readonly NewRecord[]): number {
  let bytes = BATCH_HEADER_BYTES
  for (const record of records) {
    bytes += RECORD_OVERHEAD_BYTES_MAX + record.value.length + (record.key?.length ?? 0)
  }
  return bytes
}

function putHeader(into: Uint8Array, batch: NewBatch, timestampMsMax: number): void {
  const { producer } = batch
  putInt64(into, batchLayout.baseOffset, 0)
  putInt32(into, batchLayout.batchLength, into.length - batchLayout.leaderEpoch)
  putInt32(into, batchLayout.leaderEpoch, 0)
  into[batchLayout.magic] = 2
  putInt16(into, batchLayout.attributes, 0)
  putInt32(into, batchLayout.lastOffsetDelta, batch.records.length - 1)
  putInt64(into, batchLayout.baseTimestamp, batch.timestampMs)
  putInt64(into, batchLayout.maxTimestamp, timestampMsMax)
  putInt64(into, batchLayout.producerId, producer?.id ?? -1)
  putInt16(into, batchLayout.producerEpoch, producer?.epoch ?? -1)
  putInt32(into, batchLayout.baseSequence, producer?.baseSequence ?? -1)
  putInt32(into, batchLayout.recordCount, batch.records.length)
}

function putRecord(
  into: Uint8Array,
  start: number,
  record: NewRecord,
  timestampDelta: number,
  offsetDelta: number,
): number {
  const { key, value } = record
  const keyBytes = key === undefined ? NULL_LENGTH : key.length
  const body =
    1 +
    zigzagBytes(timestampDelta) +
    zigzagBytes(offsetDelta) +
    zigzagBytes(keyBytes) +
    (key?.length ?? 0) +
    zigzagBytes(value.length) +
    value.length +
    1
  let at = putZigzag(into, start, body)
  into[at] = 0
  at = putZigzag(into, at + 1, timestampDelta)
  at = putZigzag(into, at, offsetDelta)
  at = putZigzag(into, at, keyBytes)
  if (key !== undefined) {
    into.set(key, at)
    at += key.length
  }
  at = putZigzag(into, at, value.length)
  into.set(value, at)
  at += value.length
  into[at] = 0
  return at + 1
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)

function zigzagBytes(value: number): number {
  let rest = zigzag(value)
  let bytes = 1
  while (rest >= 0x80) {
    rest = Math.floor(rest / 0x80)
    bytes += 1
  }
  return bytes
}

function putZigzag(into: Uint8Array, start: number, value: number): number {
  let rest = zigzag(value)
  let at = start
  while (rest >= 0x80) {
    into[at] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
    at += 1
  }
  into[at] = rest
  return at + 1
}
