import { assert } from '../../../base/assert.ts'
import type { LogIndex } from '../../../contract/types.ts'
import type { Restored } from '../../consensus/core.ts'
import type { HardState, Persist } from '../../consensus/effects.ts'
import type { Entry } from '../../consensus/message.ts'
import { type Done, GroupSync } from '../group-sync.ts'
import { refusalOf } from '../refusal.ts'
import type { Store, StoreAdapter, StoreCounters, StoreOptions } from '../store.ts'
import { FRAME_HEADER_BYTES, frameBytesOf, type Kept } from './frame.ts'
import type { FrameIndex } from './frame-index.ts'
import { FrameReader } from './frame-reader.ts'
import { OldSegments } from './old-segments.ts'
import type { Position } from './position.ts'
import { RecentEntries } from './recent-entries.ts'
import { recover } from './recovery.ts'
import { SegmentWriter, type WriterOptions } from './segment-writer.ts'
import { writeMark } from './synced-mark.ts'

export type WalTuning = {
  /** A segment that a frame would make larger is full. */
  readonly segmentBytesMax: number
  /** Zeros that are written at once, for the next frames to overwrite. 0: none. */
  readonly preallocatedBytes: number
  /** Payload bytes of the log's end that are kept in memory for readers. */
  readonly recentBytesMax: number
}

const defaults: WalTuning = {
  segmentBytesMax: 64 * 1024 * 1024,
  // Every 64th sync of 4 KiB pays for it; more gained nothing and larger ones cost a spike.
  preallocatedBytes: 256 * 1024,
  recentBytesMax: 1024 * 1024,
}

/** A write-ahead log of our own. Everything that it asks of the machine goes through `Disk`. */
export const walAdapter = (tuning: Partial<WalTuning> = {}): StoreAdapter => ({
  name: 'wal',
  durabilities: ['D2', 'D3', 'D1'],
  open: (options) => openWal(options, withDefaults(tuning)),
})

// Field by field: a spread of two objects is ten times slower, and a simulator opens many stores.
const withDefaults = (tuning: Partial<WalTuning>): WalTuning => ({
  segmentBytesMax: tuning.segmentBytesMax ?? defaults.segmentBytesMax,
  preallocatedBytes: tuning.preallocatedBytes ?? defaults.preallocatedBytes,
  recentBytesMax: tuning.recentBytesMax ?? defaults.recentBytesMax,
})

const writerOptions = (options: StoreOptions, tuning: WalTuning): WriterOptions => ({
  disk: options.disk,
  directory: options.directory,
  node: options.node,
  group: options.group,
  crc32c: options.crc32c,
  segmentBytesMax: tuning.segmentBytesMax,
  preallocatedBytes: tuning.preallocatedBytes,
  isSynced: options.durability !== 'D1',
})

function openWal(options: StoreOptions, tuning: WalTuning): Store {
  const { disk, directory } = options
  try {
    disk.makeDirectory(directory)
    const lock = disk.lock(directory)
    try {
      return new WalStore(options, tuning, lock)
    } catch (error) {
      lock.release()
      throw error
    }
  } catch (error) {
    throw refusalOf(error, directory)
  }
}

class WalStore implements Store {
  readonly restored: Restored
  readonly #options: WriterOptions
  readonly #lock: { release(): void }
  readonly #writer: SegmentWriter
  readonly #reader: FrameReader
  readonly #index: FrameIndex
  readonly #recent: RecentEntries
  readonly #groupSync: GroupSync
  readonly #oldSegments: OldSegments
  #hardState: HardState
  #lastIndex: number
  #isCompacting = false
  #synced: Position
  #isWritten = false
  #failure: Error | undefined

  constructor(options: StoreOptions, tuning: WalTuning, lock: { release(): void }) {
    this.#options = writerOptions(options, tuning)
    this.#lock = lock
    const { log, firstSegment, end, synced } = recover(this.#options)
    this.#index = log.index
    this.#hardState = log.hardState
    this.#lastIndex = log.lastIndex
    this.#synced = synced
    this.#reader = new FrameReader(options)
    this.#recent = new RecentEntries({ bytesMax: tuning.recentBytesMax })
    this.#recent.append(this.#readTail(tuning.recentBytesMax))
    this.restored = {
      hardState: log.hardState,
      terms: log.terms,
      lastIndex: log.lastIndex,
      tail: this.#recent.all(),
    }
    this.#groupSync = new GroupSync({
      sync: (done) => this.#sync(done),
      isShared: options.durability !== 'D3',
    })
    this.#writer =
      end === undefined
        ? SegmentWriter.create(this.#options)
        : SegmentWriter.resume(this.#options, end)
    this.#oldSegments = new OldSegments(this.#options, {
      first: firstSegment,
      onSync: () => {
        this.#writer.counters.syncs += 1
      },
    })
  }

  get counters(): StoreCounters {
    return this.#writer.counters
  }

  persist(write: Persist, done: Done): void {
    const failure = this.#failure ?? this.#groupSync.failure
    if (failure === undefined) {
      this.#assertContinues(write)
      this.#append(write)
    }
    if (this.#options.isSynced) this.#groupSync.request(done)
    else done(this.#failure)
  }

  read(start: LogIndex, end: LogIndex, bytesMax: number): readonly Entry[] {
    const failure = this.#failure ?? this.#groupSync.failure
    // The page cache may show what the disk has lost, and what came after it was never written.
    if (failure !== undefined) throw failure
    assert(start < end && end <= this.#lastIndex + 1, 'the range is not in the log', start, end)
    if (start >= this.#recent.firstIndex) return this.#recent.read(start, end, bytesMax)
    try {
      this.#writer.flush()
    } catch (error) {
      this.#fail(error)
      throw error
    }
    return this.#readFrames(start, end, bytesMax)
  }

  /**
   * Whole segments go, once a frame at the log's end is durable that tells of it and holds the
   * hard state, which may have been in one of them.
   */
  compact(through: LogIndex): void {
    if (this.#isCompacting || this.#failure !== undefined) return
    assert(through <= this.#lastIndex, 'the log ends before it', through)
    const kept = this.#keptBehind(through)
    if (kept.segment <= this.#oldSegments.first) return
    this.#isCompacting = true
    const write = { id: 0, hardState: this.#hardState, truncateFrom: undefined, entries: [] }
    this.#write(write, FRAME_HEADER_BYTES, kept)
    this.#index.forgetBefore(kept.segment)
    const removeThen = (error?: Error): void => {
      if (error === undefined) this.#removeBefore(kept.segment)
    }
    if (this.#options.isSynced) this.#groupSync.request(removeThen)
    else removeThen(this.#failure)
  }

  close(done: Done): void {
    if (!this.#options.isSynced || !this.#isWritten) {
      this.#release()
      done(this.#failure)
      return
    }
    this.#groupSync.request((error) =>
      this.#oldSegments.whenIdle(() => {
        const failure = error ?? this.#failure
        if (failure === undefined) this.#markAndRelease(done)
        else {
          this.#release()
          done(failure)
        }
      }),
    )
  }

  #assertContinues({ truncateFrom, entries }: Persist): void {
    const next = Math.min(this.#lastIndex + 1, truncateFrom ?? Number.POSITIVE_INFINITY)
    const first: number = entries[0]?.index ?? next
    // Asked first, because the message costs more than the write.
    if (first !== next) assert(false, `entries begin at ${first}, and the log goes on at ${next}`)
  }

  #append(write: Persist): void {
    const frameBytes = frameBytesOf(write)
    const position = this.#write(write, frameBytes)
    if (position === undefined) return
    const { hardState, truncateFrom, entries } = write
    if (hardState !== undefined) this.#hardState = hardState
    if (truncateFrom !== undefined) this.#truncate(truncateFrom)
    const [first] = entries
    if (first === undefined) return
    this.#index.append(position.segment, position.byte, frameBytes, first.index)
    this.#recent.append(entries)
    this.#lastIndex += entries.length
  }

  /** Where the frame starts; `undefined` when it failed. */
  #write(write: Persist, frameBytes: number, kept?: Kept): Position | undefined {
    try {
      const position = this.#writer.append(write, frameBytes, this.#synced, kept)
      if (!this.#options.isSynced) this.#writer.flush()
      this.#isWritten = true
      return position
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  /** The first segment that holds an entry behind `through`, or would hold the next one. */
  #keptBehind(through: number): Kept {
    const nextIndex = this.#lastIndex + 1
    if (through === this.#lastIndex) return { segment: this.#writer.end.segment, nextIndex }
    return { segment: this.#index.at(this.#index.find(through + 1)).segment, nextIndex }
  }

  #removeBefore(segment: number): void {
    this.#reader.forgetBefore(segment)
    this.#oldSegments.removeBefore(segment, this.#synced, (error) => {
      this.#isCompacting = false
      if (error !== undefined) this.#fail(error)
    })
  }

  /** Half a frame may be there. Nothing may ever follow it. Source: Prometheus #13027. */
  #fail(error: unknown): void {
    this.#failure ??= error as Error
    this.#groupSync.fail(this.#failure)
  }

  #truncate(from: LogIndex): void {
    this.#index.truncate(from)
    this.#recent.truncate(from)
    this.#lastIndex = Math.min(this.#lastIndex, from - 1)
  }

  #sync(done: Done): void {
    const through = this.#writer.end
    try {
      this.#writer.sync((error) => {
        if (error === undefined) this.#synced = through
        done(error)
      })
    } catch (error) {
      done(error as Error)
    }
  }

  #readTail(bytesMax: number): readonly Entry[] {
    const tail: Entry[] = []
    let bytes = 0
    let end = this.#lastIndex + 1
    for (let place = this.#index.size - 1; place >= 0 && bytes < bytesMax; place -= 1) {
      const span = this.#index.at(place)
      const entries = this.#reader.entries(span).slice(0, end - span.firstIndex)
      for (let at = entries.length - 1; at >= 0; at -= 1) {
        const entry = entries[at] as Entry
        bytes += entry.payload.length
        tail.push(entry)
      }
      end = span.firstIndex
    }
    return tail.reverse()
  }

  #readFrames(start: number, end: number, bytesMax: number): readonly Entry[] {
    const found: Entry[] = []
    let bytes = 0
    let index = start
    for (let place = this.#index.find(start); index < end; place += 1) {
      const span = this.#index.at(place)
      const next = place + 1 < this.#index.size ? this.#index.at(place + 1).firstIndex : end
      const entries = this.#reader.entries(span)
      for (; index < Math.min(next, end); index += 1) {
        const entry = entries[index - span.firstIndex] as Entry
        bytes += entry.payload.length
        if (found.length > 0 && bytes > bytesMax) return found
        found.push(entry)
      }
    }
    return found
  }

  #markAndRelease(done: Done): void {
    try {
      writeMark(this.#options, this.#synced, (error) => {
        this.#release()
        done(error)
      })
    } catch (error) {
      this.#release()
      done(error as Error)
    }
  }

  #release(): void {
    this.#writer.close()
    this.#reader.close()
    this.#lock.release()
  }
}
