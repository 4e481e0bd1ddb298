import type { LogIndex, NodeId, Term } from '../../contract/types.ts'
import type { Entry, Message } from './message.ts'

/** What must survive a crash before any message that reveals it leaves the node. Raft §5.1. */
export type HardState = { readonly term: Term; readonly votedFor: NodeId | undefined }

/** A proposal as its engine calls it: a non-negative integer, unused among those unsettled. */
export type Token = number

/** One atomic write: after a crash either all of it is there or none. Applied in this order. */
export type Persist = {
  /** Rises by one with each write of this core, from 1. */
  readonly id: number
  readonly hardState: HardState | undefined
  /** Drops this index and all later ones, before `entries` are appended. Raft §5.3. */
  readonly truncateFrom: LogIndex | undefined
  /** Follow the log that is left without a gap. */
  readonly entries: readonly Entry[]
}

/** Why a proposal or a read was not taken: it had no effect and will have none. */
export type Refusal = 'not-leader' | 'no-leader' | 'overloaded' | 'not-ready'

/**
 * What the steps since the last `take` ask the engine to do. `send` and `persist` may start at the
 * same time: what must wait for a write stands in `sendAfterPersist`.
 */
export type Effects = {
  readonly persist: Persist | undefined
  /** May leave at once, whatever the disk does. */
  readonly send: readonly Message[]
  /** May leave once the write `persistId`, this one or an earlier one, is durable. */
  readonly sendAfterPersist: readonly AfterPersist[]
  /** Proposals that became consecutive entries from `firstIndex` on, in the order proposed. */
  readonly accepted: readonly Accepted[]
  readonly refused: readonly { readonly token: Token; readonly reason: Refusal }[]
  /**
   * Accepted, in this take or an earlier one, and above the commit index; and now this node cannot
   * know any more whether they will be committed.
   */
  readonly lost: readonly Token[]
  /** Reads that may be served once everything up to `index` is applied. Thesis §6.4. */
  readonly readReady: readonly { readonly token: Token; readonly index: LogIndex }[]
  /** The new commit index, when it rose: entries up to it may be applied. */
  readonly commitIndex: LogIndex | undefined
  /** Entries that the core has dropped from memory and a follower needs: answer with `loaded`. */
  readonly load: readonly Load[]
  /** Term, role or leader changed since the last take. */
  readonly status: CoreStatus | undefined
  /** Which rules of the paper acted, for golden traces and rule coverage; see rules.ts. */
  readonly trace: readonly string[]
}

export type AfterPersist = { readonly persistId: number; readonly messages: readonly Message[] }

export type Accepted = {
  readonly firstIndex: LogIndex
  readonly term: Term
  readonly tokens: readonly Token[]
}

export type Load = {
  readonly to: NodeId
  readonly firstIndex: LogIndex
  /** Inclusive. */
  readonly lastIndex: LogIndex
  readonly bytesMax: number
}

export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader'

export type CoreStatus = {
  readonly term: Term
  readonly role: Role
  readonly leader: NodeId | undefined
}
