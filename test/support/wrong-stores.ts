import { RaftmarkError } from '../../src/base/errors.ts'
import { GroupId, LogIndex, NodeId, Term } from '../../src/contract/types.ts'
import type { Persist } from '../../src/replica/consensus/effects.ts'
import type { Entry } from '../../src/replica/consensus/message.ts'
import { type Disk, DiskError, type DiskFile } from '../../src/replica/store/disk.ts'
import { memoryAdapter } from '../../src/replica/store/memory-store.ts'
import type { Store, StoreAdapter, StoreOptions } from '../../src/replica/store/store.ts'
import { walAdapter } from '../../src/replica/store/wal/wal-store.ts'

type Done = Parameters<Store['persist']>[1]
type Change = (store: Store, options: StoreOptions) => Partial<Store>

/** A store with one fault, and the one rule that must find it. */
export type WrongStore = { readonly breaks: string; readonly adapter: StoreAdapter }

const wal = walAdapter()
/** It forgets what is compacted before that takes seconds to write. */
const smallWal = walAdapter({ segmentBytesMax: 100_000 })

export const wrongStores: readonly WrongStore[] = [
  wrong('starts-empty', memoryAdapter, ({ restored }) => ({
    restored: { ...restored, hardState: { term: Term(1), votedFor: undefined } },
  })),
  wrong('ends-in-order', memoryAdapter, (store) => {
    const { hold, release } = held((dones) => dones.reverse())
    return {
      persist: (write, done) => store.persist(write, (error) => hold(() => done(error))),
      close: (done) => release(() => store.close(done)),
    }
  }),
  wrong('reads-back', memoryAdapter, (store) => ({
    persist: (write, done) => store.persist(withPayloads(write, cutAtOneByteOfLength), done),
  })),
  wrong('kinds-and-terms', memoryAdapter, (store) => ({
    read: (...range) =>
      store.read(...range).map((entry) => ({
        ...entry,
        kind: entry.payload.length === 0 ? 'noop' : 'records',
      })),
  })),
  wrong('reads-while-writing', memoryAdapter, (store) => {
    const { hold, release } = held((dones) => dones)
    return {
      persist: (write, done) => hold(() => store.persist(write, done)),
      close: (done) => release(() => store.close(done)),
    }
  }),
  wrong('truncates-then-appends', memoryAdapter, (store) => {
    const seen = new Map<number, Entry>()
    return {
      persist: (write, done) => {
        const entries = write.entries.map((entry) => seen.get(entry.index) ?? entry)
        if (write.truncateFrom === undefined) for (const one of entries) seen.set(one.index, one)
        store.persist(write.truncateFrom === undefined ? write : { ...write, entries }, done)
      },
    }
  }),
  wrong('truncates-alone', memoryAdapter, (store) => ({
    persist: (write, done) => {
      const isIgnored = write.entries.length === 0
      store.persist(isIgnored ? { ...write, truncateFrom: undefined } : write, done)
    },
  })),
  wrong('any-range', memoryAdapter, (store) => ({
    read: (start, end, bytesMax) =>
      start === 8
        ? store.read(LogIndex(7), LogIndex(8), bytesMax)
        : store.read(start, end, bytesMax),
  })),
  wrong('bounded-reads', memoryAdapter, (store) => ({
    read: (start, end) => store.read(start, end, Number.POSITIVE_INFINITY),
  })),
  wrong('large-entries', memoryAdapter, (store) => ({
    persist: (write, done) => {
      const isLarge = write.entries.some(({ payload }) => payload.length > 1_000_000)
      if (isLarge) done(new Error('too large'))
      else store.persist(write, done)
    },
  })),
  wrong('many-outstanding', memoryAdapter, (store) => {
    let outstanding = 0
    const { hold, release } = held((dones) => dones)
    return {
      persist: (write, done) => {
        outstanding += 1
        if (outstanding > 1000) done(new Error('queue full'))
        else {
          store.persist(write, (error) =>
            hold(() => {
              outstanding -= 1
              done(error)
            }),
          )
        }
      },
      close: (done) => release(() => store.close(done)),
    }
  }),
  wrong('close-waits', memoryAdapter, (store) => {
    const { hold } = held((dones) => dones)
    return {
      persist: (write, done) => store.persist(write, (error) => hold(() => done(error))),
      close: (done) => done(),
    }
  }),
  wrong('leaves-payloads-alone', memoryAdapter, (store) => ({
    persist: (write, done) => {
      store.persist(
        withPayloads(write, (payload) => payload.slice()),
        done,
      )
      for (const { payload } of write.entries) if (payload.length === 200) payload.reverse()
    },
  })),
  wrong('counts', wal, () => ({ counters: { syncs: 0, bytesWritten: 0, writes: 0 } })),

  wrong('reopens', wal, ({ restored }) =>
    hasNoVote(restored) && restored.lastIndex === 10
      ? { restored: { ...restored, lastIndex: LogIndex(9), tail: restored.tail.slice(0, -1) } }
      : {},
  ),
  wrong('restores-terms', wal, ({ restored }) =>
    restored.hardState.term === 5
      ? { restored: { ...restored, terms: restored.terms.slice(1) } }
      : {},
  ),
  wrong('keeps-truncations', wal, ({ restored }) =>
    hasNoVote(restored) && restored.lastIndex === 2
      ? { restored: { ...restored, lastIndex: LogIndex(3) } }
      : {},
  ),
  wrong('keeps-the-vote', wal, ({ restored }) =>
    restored.hardState.term === 4
      ? { restored: { ...restored, hardState: { term: Term(4), votedFor: undefined } } }
      : {},
  ),
  wrong('goes-on', wal, ({ restored }) =>
    hasNoVote(restored) && restored.lastIndex === 3
      ? { persist: (_: Persist, done: Done) => done() }
      : {},
  ),
  onDisk('one-owner', (disk) => ({ ...disk, lock: () => ({ release: () => undefined }) })),
  {
    breaks: 'own-directory',
    adapter: {
      ...wal,
      open: (options) => wal.open({ ...options, node: NodeId(1), group: GroupId(0) }),
    },
  },
  onDisk('foreign-files', (disk) => ({
    ...disk,
    list: (directory) => disk.list(directory).filter((name) => name !== 'diary.txt'),
  })),

  wrong('compacts', memoryAdapter, (store) => {
    let gone = 0
    return {
      compact: (through) => {
        gone = through + 1
        store.compact(through)
      },
      read: (start, end, bytesMax) => {
        if (start <= gone) throw new Error('no such entry')
        return store.read(start, end, bytesMax)
      },
    }
  }),
  wrong('reopens-compacted', wal, ({ restored }) =>
    restored.hardState.term === 8
      ? { restored: { ...restored, lastIndex: LogIndex(0), terms: [], tail: [] } }
      : {},
  ),
  wrong('forgets', smallWal, () => ({ compact: () => undefined })),
  removingEarly('power-cut-compacts'),

  wrong('power-cut-keeps-acknowledged', wal, (store) => {
    // What comes while a sync runs is acknowledged with it, though the sync began before.
    let early: Done[] | undefined
    return {
      persist: (write, done) => {
        if (early !== undefined) {
          early.push(done)
          store.persist(write, () => undefined)
          return
        }
        early = []
        store.persist(write, (error) => {
          const ended = early ?? []
          early = undefined
          for (const each of [done, ...ended]) each(error)
        })
      },
    }
  }),
  wrong('power-cut-whole-writes', wal, (store) => ({
    persist: (write, done) => {
      if (write.hardState !== undefined && write.entries.length > 0) {
        store.persist({ ...write, entries: [] }, () => undefined)
        store.persist({ ...write, hardState: undefined, truncateFrom: undefined }, done)
      } else store.persist(write, done)
    },
  })),
  onDisk('power-cut-keeps-names', (disk) => ({
    ...disk,
    syncDirectory: (_, done) => done(),
  })),
  onDisk('killed-then-power-cut', (disk) => filesWith(disk, () => ({ syncNow: () => undefined }))),
  onDisk('failed-sync-is-final', (disk) =>
    filesWith(disk, (file) => ({ sync: (done) => file.sync(() => done()) })),
  ),
  onDisk('failed-write-is-final', (disk) => filesWith(disk, ignoring('EIO'))),
  onDisk('full-disk-is-final', (disk) => filesWith(disk, ignoring('ENOSPC'))),
  cuttingAtDamage('altered-files', (size) => size > 100_000),
  cuttingAtDamage('cut-and-missing-files', (size) => size <= 100_000),
]

function wrong(breaks: string, adapter: StoreAdapter, change: Change): WrongStore {
  const open = (options: StoreOptions): Store => {
    const store = adapter.open(options)
    return {
      restored: store.restored,
      get counters() {
        return store.counters
      },
      persist: (write, done) => store.persist(write, done),
      read: (start, end, bytesMax) => store.read(start, end, bytesMax),
      compact: (through) => store.compact(through),
      close: (done) => store.close(done),
      ...change(store, options),
    }
  }
  return { breaks, adapter: { ...adapter, name: `breaks-${breaks}`, open } }
}

function onDisk(breaks: string, change: (disk: Disk) => Disk): WrongStore {
  const open = (options: StoreOptions) =>
    wal.open({ ...options, disk: change(delegating(options.disk)) })
  return { breaks, adapter: { ...wal, name: `breaks-${breaks}`, open } }
}

/** A compaction that removes the oldest segment before anything durable tells of it. */
function removingEarly(breaks: string): WrongStore {
  const open = (options: StoreOptions): Store => {
    const disk = delegating(options.disk)
    const remove = (path: string): void => {
      if (disk.exists(path)) disk.remove(path)
    }
    const store = smallWal.open({ ...options, disk: { ...disk, remove } })
    const compact = (through: LogIndex): void => {
      store.compact(through)
      const isSecondThere = disk.exists(`${options.directory}/0000000002.wal`)
      if (isSecondThere) remove(`${options.directory}/0000000001.wal`)
    }
    return {
      restored: store.restored,
      get counters() {
        return store.counters
      },
      persist: (write, done) => store.persist(write, done),
      read: (start, end, bytesMax) => store.read(start, end, bytesMax),
      compact,
      close: (done) => store.close(done),
    }
  }
  return { breaks, adapter: { ...smallWal, name: `breaks-${breaks}`, open } }
}

/** Takes any damage for a torn tail: it cuts the file there, with all knowledge of syncs. */
function cuttingAtDamage(breaks: string, isCut: (size: number) => boolean): WrongStore {
  const open = (options: StoreOptions): Store => {
    try {
      return wal.open(options)
    } catch (error) {
      if (!(error instanceof RaftmarkError && error.message.includes('is damaged'))) throw error
      if (!cutAt(options, error, isCut)) throw error
      return wal.open(options)
    }
  }
  return { breaks, adapter: { ...wal, name: `breaks-${breaks}`, open } }
}

function cutAt(
  { disk, directory }: StoreOptions,
  { place: { file: path = '', byte = 0 } }: RaftmarkError,
  isCut: (size: number) => boolean,
): boolean {
  if (!disk.exists(path)) return false
  const file = disk.open(path, 'existing')
  if (!isCut(file.size())) return false
  file.truncate(byte)
  if (disk.exists(`${directory}/synced`)) disk.remove(`${directory}/synced`)
  return true
}

const delegating = (disk: Disk): Disk => ({
  list: (directory) => disk.list(directory),
  makeDirectory: (directory) => disk.makeDirectory(directory),
  exists: (path) => disk.exists(path),
  open: (path, mode) => disk.open(path, mode),
  rename: (from, to) => disk.rename(from, to),
  remove: (path) => disk.remove(path),
  syncDirectory: (directory, done) => disk.syncDirectory(directory, done),
  syncDirectoryNow: (directory) => disk.syncDirectoryNow(directory),
  lock: (directory) => disk.lock(directory),
})

const filesWith = (disk: Disk, change: (file: DiskFile) => Partial<DiskFile>): Disk => ({
  ...disk,
  open: (path, mode) => {
    const file = disk.open(path, mode)
    return {
      path,
      size: () => file.size(),
      read: (at, into) => file.read(at, into),
      write: (at, parts) => file.write(at, parts),
      truncate: (bytes) => file.truncate(bytes),
      sync: (done) => file.sync(done),
      syncNow: () => file.syncNow(),
      close: () => file.close(),
      ...change(file),
    }
  },
})

const ignoring =
  (code: string) =>
  (file: DiskFile): Partial<DiskFile> => ({
    write: (at, parts) => {
      try {
        file.write(at, parts)
      } catch (error) {
        if (!(error instanceof DiskError && error.code === code)) throw error
      }
    },
  })

/** Keeps calls for a later turn of the event loop, then makes them in the order of `arrange`. */
function held(arrange: (calls: (() => void)[]) => (() => void)[]) {
  let calls: (() => void)[] = []
  const flush = (): void => {
    const due = arrange(calls)
    calls = []
    for (const call of due) call()
  }
  const hold = (call: () => void): void => {
    if (calls.length === 0) setImmediate(flush)
    calls.push(call)
  }
  const release = (call: () => void): void => {
    setImmediate(call)
  }
  return { hold, release }
}

const withPayloads = (write: Persist, change: (payload: Uint8Array) => Uint8Array): Persist => ({
  ...write,
  entries: write.entries.map((entry) => ({ ...entry, payload: change(entry.payload) })),
})

/** A length kept in one byte, for what is not large enough to be kept elsewhere. */
const cutAtOneByteOfLength = (payload: Uint8Array): Uint8Array =>
  payload.length < 1000 ? payload.subarray(0, payload.length & 255) : payload

const hasNoVote = ({ hardState }: Store['restored']): boolean => hardState.term === 0
