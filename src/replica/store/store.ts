import type { Clock } from '../../base/clock.ts'
import type { Crc32c } from '../../base/crc32c.ts'
import type { Durability } from '../../contract/durability.ts'
import type { GroupId, LogIndex, NodeId } from '../../contract/types.ts'
import type { Restored } from '../consensus/core.ts'
import type { Persist } from '../consensus/effects.ts'
import type { Entry } from '../consensus/message.ts'
import type { Disk } from './disk.ts'

/**
 * Where one group of one node keeps what must survive a crash. One engine owns it and calls it
 * alone. Every index range is half-open, `[start, end)`.
 */
export interface Store {
  /** What was there when the store was opened. Its `tail` may be any suffix of the log. */
  readonly restored: Restored

  /**
   * Writes all of `write`, or after a crash none of it. Several may be outstanding. `done` is
   * called once per write, in the order of the calls, when the write and all before it are as
   * durable as the store's claim says; it may be called before `persist` returns.
   *
   * An error is final: the store refuses everything from then on, since after a failed sync
   * nobody knows what the disk holds (Rebello et al., ATC'20).
   */
  persist(write: Persist, done: (error?: Error) => void): void

  /**
   * Entries in `[start, end)`, all of them held, cut after `bytesMax` payload bytes but never
   * empty. They are readable as soon as `persist` was called.
   */
  read(start: LogIndex, end: LogIndex, bytesMax: number): readonly Entry[]

  /**
   * Entries up to `through` are durable and will not be read any more: the store may forget them,
   * now, later or never, oldest first. Term, vote and the entries behind them stay, and so does
   * `lastIndex` when no entry is left. Nothing at or below `through` is truncated from then on. A
   * lower `through` than an earlier one says nothing.
   */
  compact(through: LogIndex): void

  readonly counters: StoreCounters

  /** Waits for outstanding writes, then releases files and lock. */
  close(done: (error?: Error) => void): void
}

/** Since the store was opened. */
export type StoreCounters = {
  /** Calls that made something durable: fdatasync and its kin, also of directories. */
  readonly syncs: number
  /** Bytes handed to the operating system for writing, framing included. */
  readonly bytesWritten: number
  readonly writes: number
  /** Median of the latest delays that were added to syncs, as achieved; absent without any. */
  readonly syncDelayNsP50?: number
}

/** What an adapter says of itself. The harness trusts none of it and checks what it can. */
export type StoreAdapter = {
  readonly name: string
  /** The durabilities that it can be opened with, the default first. */
  readonly durabilities: readonly Durability[]
  /** Throws a `RaftmarkError` with code `store-refused` when the directory is not its own. */
  readonly open: (options: StoreOptions) => Store
}

export type StoreOptions = {
  /** Belongs to this group of this node alone. Made if it does not exist. */
  readonly directory: string
  readonly node: NodeId
  readonly group: GroupId
  readonly durability: Durability
  readonly disk: Disk
  readonly clock: Clock
  readonly crc32c: Crc32c
  /** Added to every sync, whatever it really takes. 0: none. `openStore` does it, no adapter. */
  readonly syncDelayNs: number
}
