/**
 * The public door, `raftmark/adapter`: all that an adapter of a store may import, and all that it
 * needs.
 */
export { assert, InvariantError } from '../base/assert.ts'
export type { Clock, Timer } from '../base/clock.ts'
export type { Crc32c } from '../base/crc32c.ts'
export { RaftmarkError } from '../base/errors.ts'
export type { Durability } from '../contract/durability.ts'
export { GroupId, LogIndex, NodeId, Term } from '../contract/types.ts'
export type { Restored, TermStart } from './consensus/core.ts'
export type { HardState, Persist } from './consensus/effects.ts'
export type { Entry, EntryKind } from './consensus/message.ts'
export { type Disk, DiskError, type DiskFile } from './store/disk.ts'
export { type Done, GroupSync } from './store/group-sync.ts'
export { memoryAdapter } from './store/memory-store.ts'
export { damaged, foreign, refusalOf } from './store/refusal.ts'
export type { Store, StoreAdapter, StoreCounters, StoreOptions } from './store/store.ts'
export { type WalTuning, walAdapter } from './store/wal/wal-store.ts'
