import type { Crc32c } from '../base/crc32c.ts'
import type { Offset, Term } from './types.ts'

/**
 * Where the fields of a Kafka record batch, format v2, stand; all big-endian. Base offset and
 * leader epoch lie outside the checksum, so a broker fills them in without touching the rest.
 * Source: kafka.apache.org/documentation/#recordbatch and KIP-98.
 */
export const batchLayout = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const

export const BATCH_HEADER_BYTES = 61
const MAGIC = 2
/** What `batchLength` does not count: base offset and itself. */
const LENGTH_EXCLUDES_BYTES = 12
const NO_PRODUCER = -1
const CODEC_MASK = 0b111
const TRANSACTIONAL_OR_CONTROL = 0b11_0000

/** All that a node reads of a batch. */
export type BatchHeader = {
  readonly baseOffset: number
  readonly leaderEpoch: number
  readonly recordCount: number
  /** −1: no producer id, and so no detection of duplicates. */
  readonly producerId: number
  readonly producerEpoch: number
  /** Sequence of the first record; −1 without a producer id. */
  readonly baseSequence: number
  /** Milliseconds since 1970. */
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
}

/** Why bytes are no record batch, and where. */
export type BatchFault = { readonly fault: string; readonly byte: number }

export const isBatchFault = (value: object): value is BatchFault => 'fault' in value

/**
 * What keeps `bytes` from being exactly one uncompressed batch v2 of data records, as far as one
 * can tell from the 61-byte header; `undefined` if nothing does. Makes nothing on the good path.
 */
export function batchFaultOf(bytes: Uint8Array): BatchFault | undefined {
  if (bytes.length < BATCH_HEADER_BYTES) return fault('shorter than a header', bytes.length)
  const lengthSaid = int32At(bytes, batchLayout.batchLength) + LENGTH_EXCLUDES_BYTES
  if (lengthSaid !== bytes.length) {
    return fault(`says it has ${lengthSaid} bytes, has ${bytes.length}`, batchLayout.batchLength)
  }
  if (bytes[batchLayout.magic] !== MAGIC) {
    return fault(`magic ${bytes[batchLayout.magic]}, not ${MAGIC}`, batchLayout.magic)
  }
  const attributes = int16At(bytes, batchLayout.attributes)
  if ((attributes & (CODEC_MASK | TRANSACTIONAL_OR_CONTROL)) !== 0) {
    return fault('compressed, transactional or control batch', batchLayout.attributes)
  }
  const recordCount = int32At(bytes, batchLayout.recordCount)
  if (recordCount < 1) return fault(`${recordCount} records`, batchLayout.recordCount)
  if (int32At(bytes, batchLayout.lastOffsetDelta) !== recordCount - 1) {
    return fault('last offset delta is not the record count less one', batchLayout.lastOffsetDelta)
  }
  const producerId = int64At(bytes, batchLayout.producerId)
  const baseSequence = int32At(bytes, batchLayout.baseSequence)
  if (!Number.isSafeInteger(producerId) || producerId < NO_PRODUCER) {
    return fault('producer id out of range', batchLayout.producerId)
  }
  if (producerId !== NO_PRODUCER && baseSequence < 0) {
    return fault('a producer id without a sequence', batchLayout.baseSequence)
  }
  return undefined
}

/** Reads the header of a batch, or says why there is none. */
export function readBatchHeader(bytes: Uint8Array): BatchHeader | BatchFault {
  const fault = batchFaultOf(bytes)
  if (fault !== undefined) return fault
  return {
    baseOffset: int64At(bytes, batchLayout.baseOffset),
    leaderEpoch: int32At(bytes, batchLayout.leaderEpoch),
    recordCount: int32At(bytes, batchLayout.recordCount),
    producerId: int64At(bytes, batchLayout.producerId),
    producerEpoch: int16At(bytes, batchLayout.producerEpoch),
    baseSequence: int32At(bytes, batchLayout.baseSequence),
    baseTimestampMs: int64At(bytes, batchLayout.baseTimestamp),
    maxTimestampMs: int64At(bytes, batchLayout.maxTimestamp),
  }
}

/** Whether the checksum over all from the attributes on is right. Reads every byte. */
export function isBatchIntact(bytes: Uint8Array, crc32c: Crc32c): boolean {
  return crc32c(bytes.subarray(batchLayout.attributes)) === uint32At(bytes, batchLayout.crc)
}

/** A copy with offset and leader epoch filled in: the stored batch is shared and stays as it is. */
export function servedCopyOf(batch: Uint8Array, baseOffset: Offset, term: Term): Uint8Array {
  const copy = new Uint8Array(batch.length)
  copy.set(batch)
  patchServed(copy, baseOffset, term)
  return copy
}

/** Fills base offset and leader epoch into a batch that nobody else holds. */
export function patchServed(batch: Uint8Array, baseOffset: Offset, term: Term): void {
  putInt64(batch, batchLayout.baseOffset, baseOffset)
  putInt32(batch, batchLayout.leaderEpoch, term)
}

export function int16At(bytes: Uint8Array, at: number): number {
  return (((bytes[at] as number) << 24) >> 16) | (bytes[at + 1] as number)
}

export function int32At(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}

export const uint32At = (bytes: Uint8Array, at: number): number => int32At(bytes, at) >>> 0

/** Exact between ±2⁵³; what lies beyond is rounded and so no safe integer. */
export const int64At = (bytes: Uint8Array, at: number): number =>
  int32At(bytes, at) * 2 ** 32 + uint32At(bytes, at + 4)

export function putInt16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8
  bytes[at + 1] = value
}

export function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

export function putInt64(bytes: Uint8Array, at: number, value: number): void {
  putInt32(bytes, at, Math.floor(value / 2 ** 32) | 0)
  putInt32(bytes, at + 4, value >>> 0)
}

const fault = (text: string, byte: number): BatchFault => ({ fault: text, byte })
