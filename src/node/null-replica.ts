import type { Clock, Timer } from '../base/clock.ts'
import type {
  FetchRequest,
  FetchResult,
  ProduceRequest,
  ProduceResult,
} from '../contract/log-client.ts'
import { isBatchFault, patchServed, readBatchHeader } from '../contract/record-batch.ts'
import { type GroupId, LogIndex, type NodeId, Offset, Term } from '../contract/types.ts'
import type { Replica, ReplicaCounters, ReplicaStatus } from '../replica/engine/replica.ts'
import { RecentBatches } from './recent-batches.ts'

/** What is kept for consumers that tail; older records are gone, and a fetch is told so. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024
const NS_PER_MS = 1_000_000
const TERM = Term(1)

type WaitingFetch = {
  readonly request: FetchRequest
  readonly done: (result: FetchResult) => void
  readonly timer: Timer
}

export type NullReplicaOptions = {
  readonly group: GroupId
  readonly node: NodeId
  readonly leader: NodeId
  readonly clock: Clock
}

/**
 * A replica that replicates nothing: it gives each batch its offset, keeps the last ones in memory
 * and acknowledges at once. What it reaches is the ceiling of everything around a Raft.
 */
export class NullReplica implements Replica {
  readonly group: GroupId
  readonly #options: NullReplicaOptions
  readonly #log = new RecentBatches(KEPT_BYTES_MAX)
  /** What the next microtask answers: results, and to whom. */
  #results: ProduceResult[] = []
  #dones: ((result: ProduceResult) => void)[] = []
  #index = 0
  #produced = 0
  #waiting: WaitingFetch[] = []

  constructor(options: NullReplicaOptions) {
    this.group = options.group
    this.#options = options
  }

  produce(request: ProduceRequest, done: (result: ProduceResult) => void): void {
    this.#results.push(this.#append(request.batch))
    this.#dones.push(done)
    if (this.#dones.length === 1) this.#options.clock.defer(this.#answerAll)
  }

  fetch(request: FetchRequest, done: (result: FetchResult) => void): void {
    const { clock } = this.#options
    const isAtEnd = request.offset === this.#log.endOffset
    if (!isAtEnd || request.waitMsMax === 0 || !this.#isLeader) {
      clock.defer(() => done(this.#read(request)))
      return
    }
    const atNs = clock.nowNs() + request.waitMsMax * NS_PER_MS
    const waiting = { request, done, timer: clock.wakeAt(atNs, () => this.#answerFetch(waiting)) }
    this.#waiting.push(waiting)
  }

  receive(): void {}

  campaign(): void {}

  status(): ReplicaStatus {
    return {
      term: TERM,
      role: this.#isLeader ? 'leader' : 'follower',
      leader: this.#options.leader,
      commitIndex: LogIndex(this.#index),
      appliedIndex: LogIndex(this.#index),
      logEndOffset: Offset(this.#log.endOffset),
      highWatermark: Offset(this.#log.endOffset),
      failure: undefined,
    }
  }

  counters(): ReplicaCounters {
    return {
      syncs: 0,
      bytesWritten: 0,
      writes: 0,
      produced: this.#produced,
      campaigns: 0,
      messagesSent: 0,
      takes: 0,
      entriesPersisted: 0,
    }
  }

  /** Nothing ever changes: this node leads from the beginning, or never. */
  watch(): () => void {
    return () => undefined
  }

  close(done: (error?: Error) => void): void {
    for (const waiting of [...this.#waiting]) this.#answerFetch(waiting)
    this.#options.clock.defer(done)
  }

  get #isLeader(): boolean {
    return this.#options.node === this.#options.leader
  }

  #append(batch: Uint8Array): ProduceResult {
    const { leader } = this.#options
    const refused = { baseOffset: undefined, term: TERM, index: undefined, leader }
    if (!this.#isLeader) return { ...refused, code: 'NOT_LEADER' }
    const header = readBatchHeader(batch)
    if (isBatchFault(header)) return { ...refused, code: 'CORRUPT_BATCH' }
    const baseOffset = Offset(this.#log.endOffset)
    this.#index += 1
    this.#produced += 1
    this.#log.append(batch, header.recordCount)
    return { code: 'OK', baseOffset, term: TERM, index: LogIndex(this.#index), leader }
  }

  #read(request: FetchRequest): FetchResult {
    const { leader } = this.#options
    const result = {
      logStartOffset: Offset(this.#log.startOffset),
      highWatermark: Offset(this.#log.endOffset),
      batches: [],
      leader,
    }
    if (!this.#isLeader) return { ...result, code: 'NOT_LEADER' }
    if (request.offset < this.#log.startOffset || request.offset > this.#log.endOffset) {
      return { ...result, code: 'OFFSET_OUT_OF_RANGE' }
    }
    return { ...result, code: 'OK', batches: this.#batchesFrom(request) }
  }

  #batchesFrom({ offset, bytesMax }: FetchRequest): Uint8Array[] {
    return this.#log.from(offset, bytesMax).map(({ baseOffset, batch }) => {
      patchServed(batch, Offset(baseOffset), TERM)
      return batch
    })
  }

  #wakeFetches(): void {
    for (const waiting of [...this.#waiting]) this.#answerFetch(waiting)
  }

  #answerFetch(waiting: WaitingFetch): void {
    waiting.timer.cancel()
    this.#waiting = this.#waiting.filter((other) => other !== waiting)
    waiting.done(this.#read(waiting.request))
  }

  readonly #answerAll = (): void => {
    const results = this.#results
    const dones = this.#dones
    this.#results = []
    this.#dones = []
    for (let at = 0; at < dones.length; at += 1) dones[at]?.(results[at] as ProduceResult)
    if (this.#waiting.length > 0) this.#wakeFetches()
  }
}
