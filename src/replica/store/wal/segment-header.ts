import type { Crc32c } from '../../../base/crc32c.ts'

/** What a segment says of itself in its first bytes. */
export type SegmentHeader = {
  readonly version: number
  readonly node: number
  readonly group: number
  /** From 1, rising by one. */
  readonly segment: number
  /** CRC of the last frame before this segment; 0 when there is none. */
  readonly previousCrc: number
}

export const FORMAT_VERSION = 1

/** The size and the first 16 bytes are the same in every version, so that a newer one is told. */
export const SEGMENT_HEADER_BYTES = 64

/** `raftwal` and a zero. */
const MAGIC = Uint8Array.of(0x72, 0x61, 0x66, 0x74, 0x77, 0x61, 0x6c, 0)
const CRC_AT = 8
const VERSION_AT = 12
const NODE_AT = 16
const GROUP_AT = 24
const SEGMENT_AT = 32
const PREVIOUS_CRC_AT = 36

export function encodeSegmentHeader(header: SegmentHeader, crc32c: Crc32c): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(MAGIC)
  view.setUint32(VERSION_AT, header.version, true)
  view.setFloat64(NODE_AT, header.node, true)
  view.setFloat64(GROUP_AT, header.group, true)
  view.setUint32(SEGMENT_AT, header.segment, true)
  view.setUint32(PREVIOUS_CRC_AT, header.previousCrc, true)
  view.setUint32(CRC_AT, crc32c(bytes.subarray(VERSION_AT)), true)
  return bytes
}

/** `undefined` when the bytes are no undamaged header of any version. */
export function decodeSegmentHeader(bytes: Uint8Array, crc32c: Crc32c): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined
  for (let at = 0; at < MAGIC.length; at += 1) if (bytes[at] !== MAGIC[at]) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES)
  const covered = bytes.subarray(VERSION_AT, SEGMENT_HEADER_BYTES)
  if (view.getUint32(CRC_AT, true) !== crc32c(covered)) return undefined
  return {
    version: view.getUint32(VERSION_AT, true),
    node: view.getFloat64(NODE_AT, true),
    group: view.getFloat64(GROUP_AT, true),
    segment: view.getUint32(SEGMENT_AT, true),
    previousCrc: view.getUint32(PREVIOUS_CRC_AT, true),
  }
}

const NAME = /^(\d{10})\.wal$/

export const segmentName = (segment: number): string => `${String(segment).padStart(10, '0')}.wal`

/** `undefined` for the name of something else. */
export const segmentOfName = (name: string): number | undefined => {
  const digits = NAME.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
