import type {
  FetchRequest,
  FetchResult,
  ProduceRequest,
  ProduceResult,
} from '../../contract/log-client.ts'
import type { GroupId, LogIndex, Offset } from '../../contract/types.ts'
import type { CoreStatus } from '../consensus/effects.ts'
import type { Message } from '../consensus/message.ts'
import type { StoreCounters } from '../store/store.ts'

/**
 * One group on one node, as the contract serves it: what an engine is to everything above it.
 * Each `done` is called exactly once and never before the call returns.
 */
export interface Replica {
  readonly group: GroupId
  produce(request: ProduceRequest, done: (result: ProduceResult) => void): void
  fetch(request: FetchRequest, done: (result: FetchResult) => void): void
  /** A message from a peer. */
  receive(message: Message): void
  /** Start an election now. */
  campaign(): void
  status(): ReplicaStatus
  counters(): ReplicaCounters
  /** Calls `listener` after each change of term, role or leader, until the returned call. */
  watch(listener: (status: ReplicaStatus) => void): () => void
  /** Answers what waits with an indefinite code, then closes the store. */
  close(done: (error?: Error) => void): void
}

export type ReplicaStatus = CoreStatus & {
  readonly commitIndex: LogIndex
  readonly appliedIndex: LogIndex
  readonly logEndOffset: Offset
  readonly highWatermark: Offset
  /** Why this replica serves no more: its store failed, or its code is broken. */
  readonly failure: string | undefined
}

/** Since the replica started. */
export type ReplicaCounters = StoreCounters & {
  readonly produced: number
  /** Elections that this node started, pre-votes not counted. */
  readonly campaigns: number
  readonly messagesSent: number
  /** Takes of the core, and entries in their writes: entries ÷ takes is the natural batch. */
  readonly takes: number
  readonly entriesPersisted: number
}
