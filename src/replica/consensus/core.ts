import type { Prng } from '../../base/prng.ts'
import type { LogIndex, NodeId, Term } from '../../contract/types.ts'
import type { CoreStatus, Effects, HardState, Token } from './effects.ts'
import type { Entry, Message } from './message.ts'

/**
 * The protocol: a deterministic function with memory. No clock and no I/O; many steps, then one
 * take. The engine decides when the next take may happen: an engine that withholds input until a
 * bundle of effects is done is `lockstep`, one that goes on is `overlap`; the core is the same.
 */
export interface RaftCore {
  /** Changes memory only. `nowNs` is monotonic since the process started and never goes back. */
  step(input: Input, nowNs: number): void

  /** What the steps since the last take ask for; `undefined` if nothing. The caller owns it. */
  take(): Effects | undefined

  /** When `step({ kind: 'wake' })` is due at the latest. Changes with every step. */
  readonly deadlineNs: number

  readonly status: CoreStatus
  readonly commitIndex: LogIndex
  readonly lastIndex: LogIndex
  /** What is known to be durable here. `durableIndex ≤ lastIndex`. */
  readonly durableIndex: LogIndex

  /** The term of the entry at `index`, which is in the log or 0 (whose term is 0). */
  termAt(index: LogIndex): Term

  /** The entries in `[start, end)`, all held by the log; `undefined` if dropped from memory. */
  entries(start: LogIndex, end: LogIndex): readonly Entry[] | undefined
}

export type Input =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'propose'; readonly token: Token; readonly payload: Uint8Array }
  /**
   * `quorum` waits for a round of heartbeats. `lease` is answered by the next take: ready, or
   * refused as `not-ready` when there is no lease, since a silent quorum read would hide the cost.
   */
  | { readonly kind: 'read'; readonly token: Token; readonly consistency: 'quorum' | 'lease' }
  /** Every write up to this persist id is durable. Cumulative. */
  | { readonly kind: 'persisted'; readonly id: number }
  /** The engine has applied up to `index`: what is also durable may be dropped from memory. */
  | { readonly kind: 'applied'; readonly index: LogIndex }
  /** The answer to a `load`; `entries` is a non-empty prefix of what was asked. */
  | {
      readonly kind: 'loaded'
      readonly to: NodeId
      readonly entries: readonly Entry[]
    }
  /**
   * Start an election now, whatever the timer says: a new cluster's first node does. With
   * check-quorum it is ignored while a leader is heard, as votes are.
   */
  | { readonly kind: 'campaign' }
  | { readonly kind: 'wake' }

/** The term of a stretch of the log: entries from `firstIndex` on, until the next stretch. */
export type TermStart = { readonly term: Term; readonly firstIndex: LogIndex }

/** What a store held when it was opened. */
export type Restored = {
  readonly hardState: HardState
  /** Ascending, from the first entry that is held; empty when none is, as in an empty log. */
  readonly terms: readonly TermStart[]
  readonly lastIndex: LogIndex
  /** The last entries, as many as are wanted in memory; ends at `lastIndex`. */
  readonly tail: readonly Entry[]
}

export type CoreOptions = {
  readonly id: NodeId
  /** All voters, this node included. Ascending, no duplicates. */
  readonly voters: readonly NodeId[]
  readonly timing: Timing
  readonly window: Window
  /** Axis C: whether a leader sends entries while it writes them, or after. Thesis §10.2.1. */
  readonly leaderDisk: 'parallel' | 'serial'
  readonly preVote: boolean
  readonly checkQuorum: boolean
  /** Entries that are durable and applied are dropped from memory beyond this many bytes. */
  readonly cacheBytesMax: number
  /** Proposals beyond this many uncommitted bytes are refused as `overloaded`. */
  readonly uncommittedBytesMax: number
  readonly prng: Prng
  readonly restored: Restored
  /** Known to be committed since an earlier life, at most `restored.lastIndex`; 0 if left out. */
  readonly committedIndex?: LogIndex
  readonly nowNs: number
  /** Fills `Effects.trace`. Off by default. */
  readonly trace?: boolean
}

export type Timing = {
  readonly heartbeatNs: number
  /** Election timeouts are drawn uniformly from `[electionNsMin, electionNsMax)`. */
  readonly electionNsMin: number
  readonly electionNsMax: number
}

/** Axis D, per follower: appends on the way, and how large one may be. */
export type Window = {
  readonly messagesMax: number
  readonly bytesMax: number
  readonly messageEntriesMax: number
  readonly messageBytesMax: number
}
