import type { RaftmarkError } from '../../../base/errors.ts'
import type { DiskFile } from '../disk.ts'
import { damaged, foreign } from '../refusal.ts'
import { comparePositions, laterOf, type Position, START } from './position.ts'
import { RecoveredLog } from './recovered-log.ts'
import {
  decodeSegmentHeader,
  FORMAT_VERSION,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  segmentName,
  segmentOfName,
} from './segment-header.ts'
import { scanSegment, syncedNamedAfter } from './segment-scan.ts'
import type { WriterOptions } from './segment-writer.ts'
import { MARK_NAME, readMark } from './synced-mark.ts'

export type Recovery = {
  readonly log: RecoveredLog
  /** The oldest segment; 1 when there is no log yet. */
  readonly firstSegment: number
  /** Where to go on; `undefined` when there is no log yet. */
  readonly end: { readonly position: Position; readonly previousCrc: number } | undefined
  /** Up to here all is known to be durable. */
  readonly synced: Position
}

const REWRITE_BYTES = 1024 * 1024

/** How far the log could be read without a fault. */
type Readable = {
  readonly log: RecoveredLog
  readonly position: Position
  readonly lastCrc: number
  /** No sign that more was there. */
  readonly isClean: boolean
  /** The latest place that a frame named as synced. */
  readonly named: Position
}

/**
 * Reads the log of the directory, cuts a torn tail, and makes sure that all that it returns is
 * durable, when the log is one that is synced.
 *
 * Sectors that were never synced may be lost in any order, so a bad frame before a good one can be
 * the work of a power cut. A bad frame is corruption only if it lies before a place that some
 * undamaged frame, or the mark of an orderly close, names as synced. Then nothing is changed and
 * `store-refused` says where. Source: Alagappan et al., FAST'18, on telling the two apart.
 */
export function recover(options: WriterOptions): Recovery {
  const segments = segmentsIn(options)
  const readable = readFrom(options, segments)
  const { log, position, lastCrc } = readable
  const firstSegment = firstOf(segments)
  const beyond = segments.filter((segment) => segment > position.segment)
  const isTorn = !readable.isClean || beyond.length > 0

  let named = laterOf(readable.named, readMark(options))
  if (isTorn) named = laterOf(named, namedBeyond(options, position, segments))
  if (comparePositions(position, named) < 0) {
    throw corruption(options, position, firstSegment, named)
  }
  if (isTorn) cut(options, position, beyond)
  if (position.segment === 0) return { log, firstSegment: 1, end: undefined, synced: named }
  if (options.isSynced) syncBetween(options, named, position, firstSegment)
  return {
    log,
    firstSegment,
    end: { position, previousCrc: lastCrc },
    synced: options.isSynced ? position : named,
  }
}

/** Ascending. Refuses a directory that holds anything else. */
function segmentsIn({ disk, directory }: WriterOptions): number[] {
  const segments: number[] = []
  for (const name of disk.list(directory)) {
    const segment = segmentOfName(name)
    if (segment !== undefined) segments.push(segment)
    else if (name !== MARK_NAME && !name.startsWith('lock')) {
      throw foreign(
        `${directory}/${name}`,
        'is no file of the store `wal`',
        'Choose an empty directory, or the store to which this one belongs.',
      )
    }
  }
  return segments.sort((a, b) => a - b)
}

const firstOf = (segments: readonly number[]): number => segments[0] ?? 1

/**
 * A log may begin with a later segment than the first if one of its frames tells of the
 * compaction. If none does, what is left continues nothing, and none of it can be read.
 */
function readFrom(options: WriterOptions, segments: readonly number[]): Readable {
  const first = firstOf(segments)
  const nothing = { position: START, lastCrc: 0, named: START }
  let readable: Readable = { ...nothing, log: new RecoveredLog(first === 1), isClean: true }
  for (const [at, segment] of segments.entries()) {
    if (segment !== first + at || !readable.isClean) break
    const next = readSegment(options, segment, readable)
    if (next === undefined) break
    readable = next
  }
  const isWhole = first <= readable.log.keptSegment
  return isWhole ? readable : { ...nothing, log: new RecoveredLog(true), isClean: false }
}

/** `undefined` when nothing of this segment continues the log. */
function readSegment(
  options: WriterOptions,
  segment: number,
  before: Readable,
): Readable | undefined {
  return withSegment(options, segment, (file) => {
    const header = headerOf(options, segment, file)
    if (header === undefined) return undefined
    const isFirstLeft = before.position.segment === 0 && segment > 1
    const previousCrc = isFirstLeft ? header.previousCrc : before.lastCrc
    if (header.previousCrc !== previousCrc) return undefined
    let { named } = before
    const start = { segment, previousCrc }
    const { byte, lastCrc, isClean } = scanSegment(
      file,
      start,
      options.crc32c,
      (frame, view, at) => {
        named = laterOf(named, frame.synced)
        before.log.apply(frame, view, at)
      },
    )
    return { log: before.log, position: { segment, byte }, lastCrc, isClean, named }
  })
}

/** `undefined` when it is damaged; refuses what another node, group or version has written. */
function headerOf(
  options: WriterOptions,
  segment: number,
  file: DiskFile,
): SegmentHeader | undefined {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
  file.read(0, bytes)
  const header = decodeSegmentHeader(bytes, options.crc32c)
  if (header === undefined) return undefined
  const { path } = file
  if (header.version !== FORMAT_VERSION) {
    const found = `has format ${header.version}; this raftmark knows ${FORMAT_VERSION}`
    throw foreign(path, found, 'Use the version of raftmark that wrote it, or a newer one.')
  }
  if (header.node !== options.node || header.group !== options.group) {
    const owner = `node ${header.node}, group ${header.group}`
    const asker = `node ${options.node}, group ${options.group}`
    const found = `belongs to ${owner}, and ${asker} wants to open it`
    throw foreign(path, found, 'Give each group of each node a directory of its own.')
  }
  if (header.segment !== segment) {
    const found = `holds segment ${header.segment}, which its name does not say`
    throw foreign(path, found, 'Give the files their names back.')
  }
  return header
}

/** What the frames behind the readable part name as synced, as far as they are undamaged. */
function namedBeyond(
  options: WriterOptions,
  position: Position,
  segments: readonly number[],
): Position {
  let named = START
  for (const segment of segments) {
    if (segment < position.segment) continue
    const from = segment === position.segment ? position : { segment, byte: 0 }
    const found = withSegment(options, segment, (file) =>
      syncedNamedAfter(file, from, options.crc32c),
    )
    named = laterOf(named, found)
  }
  return named
}

function corruption(
  options: WriterOptions,
  position: Position,
  firstSegment: number,
  named: Position,
): RaftmarkError {
  const { segment, byte } = damagedPlace(options, position, firstSegment)
  const found = `the log was synced up to byte ${named.byte} of ${segmentName(named.segment)}`
  return damaged(pathOf(options, segment), byte, found)
}

/** Where the log can be read no further: in the last readable segment, or in the next header. */
function damagedPlace(options: WriterOptions, end: Position, firstSegment: number): Position {
  const next = end.segment === 0 ? firstSegment : end.segment + 1
  const isNextThere = options.disk.exists(pathOf(options, next))
  const header = isNextThere
    ? withSegment(options, next, (file) => headerOf(options, next, file))
    : undefined
  const isHeaderDamaged = isNextThere && header === undefined
  return end.segment === 0 || isHeaderDamaged ? { segment: next, byte: 0 } : end
}

/** Takes away what no sync has covered. Doing it twice, or half of it, does no harm. */
function cut(options: WriterOptions, end: Position, beyond: readonly number[]): void {
  for (const segment of beyond.toReversed()) options.disk.remove(pathOf(options, segment))
  options.disk.syncDirectoryNow(options.directory)
  if (end.segment === 0) return
  withSegment(options, end.segment, (file) => {
    file.truncate(end.byte)
    file.syncNow()
  })
}

/**
 * A process that was killed leaves its last writes in the page cache: they look durable. They are
 * written once more, since after a failed sync the system takes pages for clean that never reached
 * the disk, and a sync alone would not try again. Source: Rebello et al., ATC'20.
 */
function syncBetween(
  options: WriterOptions,
  start: Position,
  end: Position,
  firstSegment: number,
): void {
  if (comparePositions(start, end) >= 0) return
  for (let segment = Math.max(start.segment, firstSegment); segment <= end.segment; segment += 1) {
    withSegment(options, segment, (file) => {
      rewriteFrom(file, segment === start.segment ? start.byte : 0)
      file.syncNow()
    })
  }
  options.disk.syncDirectoryNow(options.directory)
}

function rewriteFrom(file: DiskFile, byte: number): void {
  const size = file.size()
  for (let at = byte; at < size; at += REWRITE_BYTES) {
    const part = new Uint8Array(Math.min(REWRITE_BYTES, size - at))
    file.write(at, [part.subarray(0, file.read(at, part))])
  }
}

function withSegment<T>(options: WriterOptions, segment: number, use: (file: DiskFile) => T): T {
  const file = options.disk.open(pathOf(options, segment), 'existing')
  try {
    return use(file)
  } finally {
    file.close()
  }
}

const pathOf = (options: WriterOptions, segment: number): string =>
  `${options.directory}/${segmentName(segment)}`
