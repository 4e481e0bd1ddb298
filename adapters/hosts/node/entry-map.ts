import type { Done, StoreCounters } from 'raftmark/adapter'

/**
 * A transactional map from log indexes to rows, with one state beside it: what a database is to
 * `MapStore`.
 */
export interface EntryMap {
  /** As it was when the map was opened; `undefined` when it is new. */
  readonly state: Uint8Array | undefined
  /** Rows from `start` on, in order, before `end`: at least one if there is one, and after that
   * no more than `bytesMax` of them. Sees what is committed. */
  rows(start: number, end: number, bytesMax: number): readonly Uint8Array[]
  /** All of the change or, after a crash, none; `done` when it is as durable as was asked. */
  commit(change: MapChange, done: Done): void
  readonly counters: StoreCounters
  close(done: Done): void
}

/**
 * First the rows in `[compactStart, compactEnd)` and in `[deleteStart, deleteEnd)` go, then `rows`
 * come from `firstIndex` on.
 */
export type MapChange = {
  readonly state: Uint8Array
  readonly compactStart: number
  readonly compactEnd: number
  readonly deleteStart: number
  readonly deleteEnd: number
  readonly firstIndex: number
  readonly rows: readonly Uint8Array[]
}
