import type { Row } from '../row.ts'

const family = 'storage'
const RECOVERY_CHECKS = ['store-recovery', 'assertion', 'exception', 'ack-not-durable', 'lost']
const snapshots = 'there are no snapshots yet'
const compaction = 'the log is never compacted yet'

const absent = (number: number, name: string, why: string): Row => ({
  number,
  name,
  family,
  kind: 'not-yet-possible',
  why,
})

export const storage: readonly Row[] = [
  absent(61, 'a snapshot leaves a conflicting suffix of the log', snapshots),
  absent(62, 'an older snapshot replaces newer state', snapshots),
  absent(63, 'an entry that was compacted away counts as a conflict', compaction),
  absent(64, 'the unknown term of a compacted entry is accepted', compaction),
  absent(65, 'the log is compacted before the snapshot is durable', snapshots),
  absent(66, 'term or vote are set from a snapshot', snapshots),
  absent(67, 'no heartbeats while a snapshot is on its way', snapshots),
  absent(68, 'a snapshot lacks the table of producers', snapshots),
  absent(
    69,
    'the applied index is not stored with the state',
    'nothing applied is stored: it is computed from the log at each start (layout separate-log)',
  ),
  {
    number: 70,
    name: 'acknowledged before it is synced',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'store/wal/wal-store.ts',
        find: '    if (this.#options.isSynced) this.#groupSync.request(done)\n    else done(this.#failure)\n',
        replace:
          '    if (this.#options.isSynced) this.#groupSync.request(() => {})\n    done(this.#failure)\n',
      },
    ],
    checks: RECOVERY_CHECKS,
  },
  {
    number: 71,
    name: 'the error of a sync is ignored',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'store/wal/wal-store.ts',
        find: '        if (error === undefined) this.#synced = through\n        done(error)\n',
        replace: '        this.#synced = through\n        done(error && undefined)\n',
      },
    ],
    checks: RECOVERY_CHECKS,
  },
  {
    number: 72,
    name: 'a log that was damaged anywhere is cut there',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'store/wal/recovery.ts',
        find: '  if (comparePositions(position, named) < 0) {',
        replace: '  if (comparePositions(position, START) < 0) {',
      },
    ],
    checks: RECOVERY_CHECKS,
  },
  {
    number: 73,
    name: 'no checksum is looked at',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'store/wal/frame.ts',
        find: '  return view.getUint32(at + CRC_AT, true) === crc32c(covered)\n',
        replace: '  return covered.length > 0\n',
      },
    ],
    checks: RECOVERY_CHECKS,
  },
  {
    number: 74,
    name: 'writing goes on after a record that was cut short',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'store/wal/segment-writer.ts',
        find: '    this.#write(this.#flushed, [this.#buffer.bytes.subarray(0, bytes)], bytes)\n',
        replace:
          '    try {\n      this.#write(this.#flushed, [this.#buffer.bytes.subarray(0, bytes)], bytes)\n    } catch {}\n',
      },
    ],
    checks: [...RECOVERY_CHECKS, 'phantom'],
  },
  {
    number: 75,
    name: 'truncation and append are two writes',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'store/wal/wal-store.ts',
        find: '      this.#append(write)\n',
        replace:
          '      const { truncateFrom, hardState, entries } = write\n' +
          '      if (truncateFrom === undefined || entries.length === 0) this.#append(write)\n' +
          '      else {\n' +
          '        this.#append({ id: write.id, hardState, truncateFrom, entries: [] })\n' +
          '        this.#groupSync.request(() => {})\n' +
          '        this.#append({ id: write.id, hardState: undefined, truncateFrom: undefined, entries })\n' +
          '      }\n',
      },
    ],
    checks: RECOVERY_CHECKS,
    scenarios: ['disks'],
  },
  {
    number: 76,
    name: 'the name of a new segment is not synced',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'store/wal/segment-writer.ts',
        find: '        if (hasNewName) this.#syncDirectory(done)\n',
        replace: '        if (hasNewName && files.length === 0) this.#syncDirectory(done)\n',
      },
    ],
    checks: RECOVERY_CHECKS,
  },
  {
    number: 77,
    name: 'a sync vouches for what was written after it began',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'store/wal/wal-store.ts',
        find: 'if (error === undefined) this.#synced = through\n',
        replace: 'if (error === undefined) this.#synced = this.#writer.end\n',
      },
      {
        file: 'store/wal/wal-store.ts',
        find: 'if (!this.#options.isSynced) this.#writer.flush()',
        replace: 'this.#writer.flush()',
      },
    ],
    mask: 'frames wait in memory until the sync before them has ended, so they are flushed at once',
    checks: RECOVERY_CHECKS,
    scenarios: ['disks'],
  },
  absent(
    78,
    'a leader whose disk stands still keeps its leadership',
    'no rule of ours ends leadership for a slow disk: it leads on, and clients time out',
  ),
]
