import type { Crc32c } from '../../../base/crc32c.ts'
import { LogIndex, NodeId, Term } from '../../../contract/types.ts'
import type { Persist } from '../../consensus/effects.ts'
import type { Entry } from '../../consensus/message.ts'
import type { Position } from './position.ts'

/**
 * One `Persist` is one frame under one checksum: after a crash it is there or it is not. A frame
 * names its own place, so that nothing is taken for a frame that was written for elsewhere; the
 * frame before it, so that none is missed; and the place up to which the log was known to be
 * synced when it was written, which tells a torn tail from corruption.
 *
 * Little-endian. Frames start at multiples of 8 bytes; an entry is a row of 16 bytes and its
 * payload.
 */
export type FrameHeader = {
  readonly crc: number
  readonly bodyBytes: number
  readonly entryCount: number
  readonly position: Position
  readonly synced: Position
  readonly previousCrc: number
  readonly hardState: Persist['hardState']
  readonly truncateFrom: LogIndex | undefined
  /** Of the first entry; 0 when there is none. */
  readonly firstIndex: number
  readonly kept: Kept | undefined
}

/**
 * What a compaction leaves: all segments before `segment` may be missing from then on. Its frame
 * holds the hard state once more, and nothing else.
 */
export type Kept = {
  readonly segment: number
  /** Of the next entry, if no frame that is left tells. */
  readonly nextIndex: number
}

export const FRAME_HEADER_BYTES = 72
export const ROW_BYTES = 16
const ALIGNMENT = 8

/** `RMF1`, read as a little-endian number. */
const MAGIC = 0x31464d52
const CRC_AT = 4
const COVERED_FROM = 8
const BODY_BYTES_AT = 8
const ENTRY_COUNT_AT = 12
const SEGMENT_AT = 16
const BYTE_AT = 20
const SYNCED_SEGMENT_AT = 24
const SYNCED_BYTE_AT = 28
const PREVIOUS_CRC_AT = 32
const FLAGS_AT = 36
const TERM_AT = 40
const VOTED_FOR_AT = 48
const TRUNCATE_FROM_AT = 56
const FIRST_INDEX_AT = 64

const HAS_HARD_STATE = 1
const HAS_TRUNCATION = 2
/** The frame of a compaction: `Kept` stands in the places of truncation and first index. */
const HAS_COMPACTION = 4
const KEPT_SEGMENT_AT = TRUNCATE_FROM_AT
const NEXT_INDEX_AT = FIRST_INDEX_AT

/** Where the next frame starts after `byte`. */
export const alignedUp = (byte: number): number =>
  byte + ((ALIGNMENT - (byte % ALIGNMENT)) % ALIGNMENT)

export const frameBytesOf = (write: Persist): number => {
  let bytes = FRAME_HEADER_BYTES
  for (const entry of write.entries) bytes += ROW_BYTES + entry.payload.length
  return bytes
}

/** What is known of a frame before it is written. */
export type FramePlace = {
  readonly position: Position
  readonly synced: Position
  readonly previousCrc: number
  /** Only with a write of the hard state alone. */
  readonly kept: Kept | undefined
}

/** Memory to encode into, seen both ways. */
export type FrameMemory = { readonly bytes: Uint8Array; readonly view: DataView }

export const frameMemory = (bytes: number): FrameMemory => {
  const memory = new Uint8Array(bytes)
  return { bytes: memory, view: new DataView(memory.buffer) }
}

/** Encodes into `memory`, which has room for all of it, from `start` on. Returns the checksum. */
export function encodeFrame(
  memory: FrameMemory,
  start: number,
  write: Persist,
  place: FramePlace,
  crc32c: Crc32c,
): number {
  const { bytes, view } = memory
  setHeader(view, start, write, place)
  let end = start + FRAME_HEADER_BYTES
  for (const entry of write.entries) {
    setRow(view, end, entry)
    bytes.set(entry.payload, end + ROW_BYTES)
    end += ROW_BYTES + entry.payload.length
  }
  const crc = crc32c(bytes.subarray(start + COVERED_FROM, end))
  view.setUint32(start + CRC_AT, crc, true)
  return crc
}

/** The same without a copy of any payload: the frame is the parts one after the other. */
export function encodeInParts(
  write: Persist,
  place: FramePlace,
  crc32c: Crc32c,
): { readonly parts: readonly Uint8Array[]; readonly crc: number } {
  const { bytes, view } = frameMemory(FRAME_HEADER_BYTES + ROW_BYTES * write.entries.length)
  setHeader(view, 0, write, place)
  const parts: Uint8Array[] = []
  let crc = 0
  let start = 0
  let end = FRAME_HEADER_BYTES
  for (const entry of write.entries) {
    setRow(view, end, entry)
    end += ROW_BYTES
    const head = bytes.subarray(start, end)
    crc = crc32c(start === 0 ? head.subarray(COVERED_FROM) : head, crc)
    crc = crc32c(entry.payload, crc)
    parts.push(head, entry.payload)
    start = end
  }
  view.setUint32(CRC_AT, crc, true)
  return { parts, crc }
}

function setHeader(view: DataView, at: number, write: Persist, place: FramePlace): void {
  const { hardState, truncateFrom } = write
  const { kept } = place
  view.setUint32(at, MAGIC, true)
  view.setUint32(at + BODY_BYTES_AT, frameBytesOf(write) - FRAME_HEADER_BYTES, true)
  view.setUint32(at + ENTRY_COUNT_AT, write.entries.length, true)
  view.setUint32(at + SEGMENT_AT, place.position.segment, true)
  view.setUint32(at + BYTE_AT, place.position.byte, true)
  view.setUint32(at + SYNCED_SEGMENT_AT, place.synced.segment, true)
  view.setUint32(at + SYNCED_BYTE_AT, place.synced.byte, true)
  view.setUint32(at + PREVIOUS_CRC_AT, place.previousCrc, true)
  const flags =
    (hardState === undefined ? 0 : HAS_HARD_STATE) |
    (truncateFrom === undefined ? 0 : HAS_TRUNCATION) |
    (kept === undefined ? 0 : HAS_COMPACTION)
  view.setUint32(at + FLAGS_AT, flags, true)
  view.setFloat64(at + TERM_AT, hardState?.term ?? 0, true)
  view.setFloat64(at + VOTED_FOR_AT, hardState?.votedFor ?? 0, true)
  view.setFloat64(at + TRUNCATE_FROM_AT, truncateFrom ?? 0, true)
  view.setFloat64(at + FIRST_INDEX_AT, write.entries[0]?.index ?? 0, true)
  if (kept === undefined) return
  view.setFloat64(at + KEPT_SEGMENT_AT, kept.segment, true)
  view.setFloat64(at + NEXT_INDEX_AT, kept.nextIndex, true)
}

function setRow(view: DataView, at: number, entry: Entry): void {
  view.setUint32(at, entry.payload.length, true)
  view.setUint32(at + 4, entry.kind === 'noop' ? NOOP : RECORDS, true)
  view.setFloat64(at + 8, entry.term, true)
}

const NOOP = 0
const RECORDS = 1

/** How many bytes the frame at `at` says it has; `undefined` when no frame starts there. */
export function frameBytesAt(view: DataView, at: number): number | undefined {
  if (at + FRAME_HEADER_BYTES > view.byteLength) return undefined
  if (view.getUint32(at, true) !== MAGIC) return undefined
  return FRAME_HEADER_BYTES + view.getUint32(at + BODY_BYTES_AT, true)
}

/** Whether the frame at `at`, all of it in `view`, was written for `position` and is undamaged. */
export function isWholeFrame(
  view: DataView,
  at: number,
  position: Position,
  crc32c: Crc32c,
): boolean {
  const frameBytes = frameBytesAt(view, at)
  if (frameBytes === undefined || at + frameBytes > view.byteLength) return false
  if (view.getUint32(at + SEGMENT_AT, true) !== position.segment) return false
  if (view.getUint32(at + BYTE_AT, true) !== position.byte) return false
  const start = view.byteOffset + at
  const covered = new Uint8Array(view.buffer, start + COVERED_FROM, frameBytes - COVERED_FROM)
  return view.getUint32(at + CRC_AT, true) === crc32c(covered)
}

/** Reads the header of a frame that `isWholeFrame`. */
export function decodeFrameHeader(view: DataView, at: number): FrameHeader {
  const flags = view.getUint32(at + FLAGS_AT, true)
  const votedFor = view.getFloat64(at + VOTED_FOR_AT, true)
  return {
    crc: view.getUint32(at + CRC_AT, true),
    bodyBytes: view.getUint32(at + BODY_BYTES_AT, true),
    entryCount: view.getUint32(at + ENTRY_COUNT_AT, true),
    position: positionAt(view, at + SEGMENT_AT),
    synced: positionAt(view, at + SYNCED_SEGMENT_AT),
    previousCrc: view.getUint32(at + PREVIOUS_CRC_AT, true),
    hardState:
      flags & HAS_HARD_STATE
        ? {
            term: Term(view.getFloat64(at + TERM_AT, true)),
            votedFor: votedFor === 0 ? undefined : NodeId(votedFor),
          }
        : undefined,
    truncateFrom:
      flags & HAS_TRUNCATION ? LogIndex(view.getFloat64(at + TRUNCATE_FROM_AT, true)) : undefined,
    firstIndex: view.getFloat64(at + FIRST_INDEX_AT, true),
    kept:
      flags & HAS_COMPACTION
        ? {
            segment: view.getFloat64(at + KEPT_SEGMENT_AT, true),
            nextIndex: view.getFloat64(at + NEXT_INDEX_AT, true),
          }
        : undefined,
  }
}

const positionAt = (view: DataView, at: number): Position => ({
  segment: view.getUint32(at, true),
  byte: view.getUint32(at + 4, true),
})

/** Calls `visit` with the term of each entry of a frame that `isWholeFrame`, in order. */
export function visitTerms(
  view: DataView,
  at: number,
  entryCount: number,
  visit: (term: number) => void,
): void {
  let row = at + FRAME_HEADER_BYTES
  for (let entry = 0; entry < entryCount; entry += 1) {
    visit(view.getFloat64(row + 8, true))
    row += ROW_BYTES + view.getUint32(row, true)
  }
}

/** The entries of a frame that `isWholeFrame`; their payloads are views into its memory. */
export function decodeEntries(view: DataView, at: number): Entry[] {
  const entryCount = view.getUint32(at + ENTRY_COUNT_AT, true)
  const firstIndex = view.getFloat64(at + FIRST_INDEX_AT, true)
  const entries: Entry[] = []
  let row = at + FRAME_HEADER_BYTES
  for (let nth = 0; nth < entryCount; nth += 1) {
    const payloadBytes = view.getUint32(row, true)
    entries.push({
      term: Term(view.getFloat64(row + 8, true)),
      index: LogIndex(firstIndex + nth),
      kind: view.getUint32(row + 4, true) === NOOP ? 'noop' : 'records',
      payload: new Uint8Array(view.buffer, view.byteOffset + row + ROW_BYTES, payloadBytes),
    })
    row += ROW_BYTES + payloadBytes
  }
  return entries
}
