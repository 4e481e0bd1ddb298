import type { Crc32c } from '../../../base/crc32c.ts'
import type { GroupId, NodeId } from '../../../contract/types.ts'
import type { Persist } from '../../consensus/effects.ts'
import type { Disk, DiskFile } from '../disk.ts'
import type { Done } from '../group-sync.ts'
import {
  alignedUp,
  encodeFrame,
  encodeInParts,
  type FrameMemory,
  type FramePlace,
  frameMemory,
  type Kept,
} from './frame.ts'
import type { Position } from './position.ts'
import {
  encodeSegmentHeader,
  FORMAT_VERSION,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from './segment-header.ts'

export type WriterOptions = {
  readonly disk: Disk
  readonly directory: string
  readonly node: NodeId
  readonly group: GroupId
  readonly crc32c: Crc32c
  readonly segmentBytesMax: number
  readonly preallocatedBytes: number
  /** Whether what is written will be synced: if not, a full segment is closed at once. */
  readonly isSynced: boolean
}

export type WriterCounters = { syncs: number; bytesWritten: number; writes: number }

/**
 * Larger writes are appended. Overwriting zeros that are there already saves a sync about a third
 * of its time, since the file's size and blocks do not change; but they are bytes to write too.
 */
const OVERWRITING_BYTES_MAX = 32 * 1024

/** Frames wait here for the next sync, since a call of the system costs more than a frame. */
const BUFFER_BYTES = 128 * 1024
const BUFFER_BYTES_AT_FIRST = 1024

/** Entries of a larger frame that are smaller than this are copied: a long list costs more. */
const PART_BYTES_MIN = 8192

/** Writes frames at the end of the log, into one segment after the other. */
export class SegmentWriter {
  readonly counters: WriterCounters = { syncs: 0, bytesWritten: 0, writes: 0 }
  readonly #options: WriterOptions
  /** Grows up to `BUFFER_BYTES`: a node has many stores, and few are busy. */
  #buffer: FrameMemory = frameMemory(BUFFER_BYTES_AT_FIRST)
  /** The buffer holds bytes of the segment from `#flushed` to `#byte`. */
  #flushed: number
  readonly #zeros: Uint8Array
  #file: DiskFile
  #segment: number
  #byte: number
  #previousCrc: number
  /** Up to here the file holds zeros to be overwritten. */
  #allocatedEnd: number
  /** Full segments that no sync has covered yet. */
  #sealed: DiskFile[] = []
  #hasNewName = false

  private constructor(
    options: WriterOptions,
    end: { readonly file: DiskFile; readonly position: Position; readonly previousCrc: number },
  ) {
    this.#options = options
    this.#zeros = zerosOf(options.preallocatedBytes)
    this.#file = end.file
    this.#segment = end.position.segment
    this.#byte = end.position.byte
    this.#flushed = this.#byte
    this.#previousCrc = end.previousCrc
    this.#allocatedEnd = end.file.size()
  }

  /** Begins the first segment of a new log. */
  static create(options: WriterOptions): SegmentWriter {
    const file = createFile(options, 1)
    const position = { segment: 1, byte: SEGMENT_HEADER_BYTES }
    const writer = new SegmentWriter(options, { file, position, previousCrc: 0 })
    writer.#writeHeader()
    return writer
  }

  /** Goes on at the end of a log that was recovered; beyond it there are only zeros. */
  static resume(
    options: WriterOptions,
    end: { readonly position: Position; readonly previousCrc: number },
  ): SegmentWriter {
    const path = `${options.directory}/${segmentName(end.position.segment)}`
    return new SegmentWriter(options, { file: options.disk.open(path, 'existing'), ...end })
  }

  /** Where the next frame will start, unless it needs a new segment. */
  get end(): Position {
    return { segment: this.#segment, byte: this.#byte }
  }

  /** Returns where the frame starts. After a throw nothing may be written any more. */
  append(write: Persist, frameBytes: number, synced: Position, kept?: Kept): Position {
    if (this.#isFullFor(frameBytes)) this.#roll()
    if (this.#byte + frameBytes - this.#flushed > BUFFER_BYTES) this.flush()
    const position = { segment: this.#segment, byte: this.#byte }
    const place = { position, synced, previousCrc: this.#previousCrc, kept }
    if (frameBytes > BUFFER_BYTES) this.#writeLarge(write, place, frameBytes)
    else this.#buffered(write, place, frameBytes)
    return position
  }

  /** Hands what was appended to the operating system. After a throw as `append`. */
  flush(): void {
    const bytes = this.#byte - this.#flushed
    if (bytes === 0) return
    this.#preallocate(bytes)
    this.#write(this.#flushed, [this.#buffer.bytes.subarray(0, bytes)], bytes)
    this.#flushed = this.#byte
  }

  /** Makes all that was appended before the call durable, with the names of its files. */
  sync(done: Done): void {
    this.flush()
    if (this.#sealed.length === 0 && !this.#hasNewName) {
      this.counters.syncs += 1
      this.#file.sync(done)
      return
    }
    const sealed = this.#sealed.splice(0)
    const files = [...sealed, this.#file]
    const hasNewName = this.#hasNewName
    this.#hasNewName = false
    const next = (at: number): void => {
      const file = files[at]
      if (file !== undefined) {
        this.counters.syncs += 1
        file.sync((error) => (error === undefined ? next(at + 1) : done(error)))
      } else {
        for (const full of sealed) full.close()
        if (hasNewName) this.#syncDirectory(done)
        else done()
      }
    }
    next(0)
  }

  close(): void {
    for (const file of this.#sealed) file.close()
    this.#file.close()
  }

  #syncDirectory(done: Done): void {
    this.counters.syncs += 1
    this.#options.disk.syncDirectory(this.#options.directory, done)
  }

  #buffered(write: Persist, place: FramePlace, frameBytes: number): void {
    const start = this.#byte - this.#flushed
    this.#makeRoom(start + alignedUp(frameBytes))
    this.#previousCrc = encodeFrame(this.#buffer, start, write, place, this.#options.crc32c)
    const end = start + frameBytes
    // What an earlier use has left between two frames.
    for (let at = end; at < alignedUp(end); at += 1) this.#buffer.bytes[at] = 0
    this.#byte = alignedUp(this.#byte + frameBytes)
  }

  #makeRoom(bytes: number): void {
    const held = this.#buffer.bytes
    if (bytes <= held.length) return
    this.#buffer = frameMemory(Math.min(BUFFER_BYTES, Math.max(bytes, 2 * held.length)))
    this.#buffer.bytes.set(held)
  }

  #writeLarge(write: Persist, place: FramePlace, frameBytes: number): void {
    const { crc32c } = this.#options
    if (frameBytes > PART_BYTES_MIN * write.entries.length) {
      const { parts, crc } = encodeInParts(write, place, crc32c)
      this.#previousCrc = crc
      this.#write(this.#byte, parts, frameBytes)
    } else {
      const memory = frameMemory(frameBytes)
      this.#previousCrc = encodeFrame(memory, 0, write, place, crc32c)
      this.#write(this.#byte, [memory.bytes], frameBytes)
    }
    this.#byte = alignedUp(this.#byte + frameBytes)
    this.#flushed = this.#byte
  }

  #isFullFor(frameBytes: number): boolean {
    const isEmpty = this.#byte === SEGMENT_HEADER_BYTES
    return !isEmpty && this.#byte + frameBytes > this.#options.segmentBytesMax
  }

  #roll(): void {
    this.flush()
    if (this.#options.isSynced) this.#sealed.push(this.#file)
    else this.#file.close()
    this.#segment += 1
    this.#file = createFile(this.#options, this.#segment)
    this.#byte = SEGMENT_HEADER_BYTES
    this.#flushed = this.#byte
    this.#allocatedEnd = 0
    this.#writeHeader()
  }

  #writeHeader(): void {
    const { node, group, crc32c } = this.#options
    const header = encodeSegmentHeader(
      {
        version: FORMAT_VERSION,
        node,
        group,
        segment: this.#segment,
        previousCrc: this.#previousCrc,
      },
      crc32c,
    )
    this.#hasNewName = true
    this.#write(0, [header], header.length)
  }

  #preallocate(bytes: number): void {
    if (bytes > OVERWRITING_BYTES_MAX || this.#zeros.length === 0) return
    if (this.#byte <= this.#allocatedEnd) return
    const start = Math.max(this.#flushed, this.#allocatedEnd)
    const room = Math.max(bytes, this.#options.segmentBytesMax - start)
    const zeros = this.#zeros.subarray(0, room)
    this.#write(start, [zeros], zeros.length)
    this.#allocatedEnd = start + zeros.length
  }

  #write(at: number, parts: readonly Uint8Array[], bytes: number): void {
    this.#file.write(at, parts)
    this.counters.writes += 1
    this.counters.bytesWritten += bytes
  }
}

let sharedZeros = new Uint8Array(0)

/** All stores of a process share them: nobody writes into them. */
function zerosOf(bytes: number): Uint8Array {
  if (sharedZeros.length < bytes) sharedZeros = new Uint8Array(bytes)
  return sharedZeros.subarray(0, bytes)
}

const createFile = (options: WriterOptions, segment: number): DiskFile =>
  options.disk.open(`${options.directory}/${segmentName(segment)}`, 'create')
