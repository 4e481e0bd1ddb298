import type { Durability } from '../../contract/durability.ts'

/** What a process of its own is to do with a store: the argument of store-host-main, as JSON. */
export type StoreHostPlan = {
  /** The file that exports the store's adapter. */
  readonly module: string
  readonly directory: string
  readonly durability: Durability
  /**
   * `append`: goes on with the log, `inFlight` writes outstanding, up to the entry `lastIndex`, and
   * keeps the store open. `read`: compares every entry with what `append` writes, and ends.
   */
  readonly task: 'append' | 'read'
  readonly inFlight: number
  readonly lastIndex: number
}

/** A line that the process prints. */
export type StoreHostLine =
  /** The first one, when the store could be opened: where its log ends. */
  | { readonly opened: number }
  /** Instead of it, when not. */
  | { readonly refused: string; readonly isMistake: boolean }
  /** All entries up to this one are acknowledged. */
  | { readonly acknowledged: number }
  /** A write failed. */
  | { readonly failed: string }
  /** After `read`: the first entry that is not what was written; 0 when all are. */
  | { readonly wrong: number }

/** Bytes of each entry: a few fit into a page, none fills it, so that pages are written again. */
export const HOST_ENTRY_BYTES = 700
