import type { Code } from './codes.ts'
import type { GroupId, LogIndex, NodeId, Offset, Term } from './types.ts'

/** `leader`: once it is in the leader's log (may be lost). `quorum`: once committed and applied. */
export type Acks = 'leader' | 'quorum'

/**
 * `linearizable`: sees all that was acknowledged before it began (read index, thesis §6.4).
 * `lease`: the same as long as clocks drift less than the margin. `committed`: what this node
 * knows.
 */
export type FetchConsistency = 'linearizable' | 'lease' | 'committed'

export type ProduceRequest = {
  readonly partition: GroupId
  readonly acks: Acks
  readonly timeoutMs: number
  /** One Kafka record batch, format v2. The callee may keep it; nobody may change it any more. */
  readonly batch: Uint8Array
}

export type ProduceResult = {
  readonly code: Code
  /** Offset of the batch's first record; the original one when the batch was a duplicate. */
  readonly baseOffset: Offset | undefined
  readonly term: Term
  /** The Raft entry, when there is one. */
  readonly index: LogIndex | undefined
  /** Whom the node believes to lead, to retry there. */
  readonly leader: NodeId | undefined
}

export type FetchRequest = {
  readonly partition: GroupId
  readonly offset: Offset
  readonly consistency: FetchConsistency
  /** At least one batch is returned even if it is larger. */
  readonly bytesMax: number
  /** How long to wait for the first record at or beyond `offset`. 0 answers at once. */
  readonly waitMsMax: number
}

export type FetchResult = {
  readonly code: Code
  readonly logStartOffset: Offset
  /** Exclusive: records below it are committed. */
  readonly highWatermark: Offset
  /** Whole batches, the first of them the one that contains `offset`. */
  readonly batches: readonly Uint8Array[]
  readonly leader: NodeId | undefined
}

/**
 * A connection to one node. Requests of one client to one partition are proposed in the order of
 * the calls. Each `done` is called exactly once and never before the call returns.
 */
export interface LogClient {
  produce(request: ProduceRequest, done: (result: ProduceResult) => void): void
  fetch(request: FetchRequest, done: (result: FetchResult) => void): void
  /** Ends the connection; what is unanswered ends with CONNECTION_LOST. */
  close(): void
}
