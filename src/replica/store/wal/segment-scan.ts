import type { Crc32c } from '../../../base/crc32c.ts'
import type { DiskFile } from '../disk.ts'
import {
  alignedUp,
  decodeFrameHeader,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  frameBytesAt,
  isWholeFrame,
} from './frame.ts'
import { laterOf, type Position, START } from './position.ts'
import { SEGMENT_HEADER_BYTES } from './segment-header.ts'

const CHUNK_BYTES = 1024 * 1024

/** Called with each frame in order; `view` holds all of it from `at` on, until the call returns. */
export type VisitFrame = (header: FrameHeader, view: DataView, at: number) => void

/** Where the frames of a segment end, and what stands there. */
export type ScanEnd = {
  readonly byte: number
  readonly lastCrc: number
  /** Nothing but zeros follows, if anything: no sign of a frame that was lost. */
  readonly isClean: boolean
}

/** Visits the frames of a segment up to the first that is missing, damaged or out of sequence. */
export function scanSegment(
  file: DiskFile,
  from: { readonly segment: number; readonly previousCrc: number },
  crc32c: Crc32c,
  visit: VisitFrame,
): ScanEnd {
  const size = file.size()
  const window = new ReadWindow(file)
  let lastCrc = from.previousCrc
  let byte = SEGMENT_HEADER_BYTES
  for (;;) {
    const at = window.hold(byte, FRAME_HEADER_BYTES)
    const frameBytes = frameBytesAt(window.view, at)
    if (frameBytes === undefined || byte + frameBytes > size) break
    const start = window.hold(byte, frameBytes)
    if (!isWholeFrame(window.view, start, { segment: from.segment, byte }, crc32c)) break
    const header = decodeFrameHeader(window.view, start)
    if (header.previousCrc !== lastCrc) break
    visit(header, window.view, start)
    lastCrc = header.crc
    byte = alignedUp(byte + frameBytes)
  }
  return { byte, lastCrc, isClean: isZeroFrom(window, byte, size) }
}

/**
 * The latest place that any undamaged frame from `byte` on names as synced, whatever stands
 * between the frames.
 */
export function syncedNamedAfter(file: DiskFile, from: Position, crc32c: Crc32c): Position {
  const bytes = new Uint8Array(file.size())
  const view = new DataView(bytes.buffer, 0, file.read(0, bytes))
  let named = START
  let byte = alignedUp(Math.max(from.byte, SEGMENT_HEADER_BYTES))
  while (byte + FRAME_HEADER_BYTES <= view.byteLength) {
    const position = { segment: from.segment, byte }
    if (isWholeFrame(view, byte, position, crc32c)) {
      const header = decodeFrameHeader(view, byte)
      named = laterOf(named, header.synced)
      byte += FRAME_HEADER_BYTES + header.bodyBytes
    } else {
      byte += 1
    }
    byte = alignedUp(byte)
  }
  return named
}

/** For small files: one window at a time is in use, and nobody keeps what it shows. */
const shared = new Uint8Array(16 * 1024)

/** A part of a file in memory that moves forward and grows as needed. */
class ReadWindow {
  readonly #file: DiskFile
  #memory: Uint8Array<ArrayBuffer>
  #start = 0
  view: DataView<ArrayBuffer>

  constructor(file: DiskFile) {
    this.#file = file
    const bytes = Math.min(CHUNK_BYTES, Math.max(file.size(), 1))
    this.#memory = bytes <= shared.length ? shared : new Uint8Array(bytes)
    this.view = new DataView(this.#memory.buffer, 0, 0)
  }

  /** Reads on until `bytes` from `byte` on are held, or the file ends. Returns where in `view`. */
  hold(byte: number, bytes: number): number {
    const at = byte - this.#start
    if (at + bytes <= this.view.byteLength) return at
    const kept = Math.max(0, this.view.byteLength - at)
    const memory = bytes > this.#memory.length ? new Uint8Array(2 * bytes) : this.#memory
    memory.set(this.#memory.subarray(at, at + kept))
    this.#memory = memory
    this.#start = byte
    const filled = this.#file.read(byte + kept, memory.subarray(kept))
    this.view = new DataView(memory.buffer, 0, kept + filled)
    return 0
  }
}

function isZeroFrom(window: ReadWindow, start: number, end: number): boolean {
  for (let byte = start; byte < end; byte += CHUNK_BYTES) {
    const wanted = Math.min(CHUNK_BYTES, end - byte)
    const at = window.hold(byte, wanted)
    if (!isZero(window.view, at, at + wanted)) return false
  }
  return true
}

function isZero(view: DataView, start: number, end: number): boolean {
  let at = start
  for (; at + 4 <= end; at += 4) if (view.getUint32(at) !== 0) return false
  for (; at < end; at += 1) if (view.getUint8(at) !== 0) return false
  return true
}
