import type { Clock, Timer } from '../base/clock.ts'
import type {
  FetchRequest,
  FetchResult,
  ProduceRequest,
  ProduceResult,
} from '../contract/log-client.ts'
import { isBatchFault, readBatchHeader, servedCopyOf } from '../contract/record-batch.ts'
import { type GroupId, LogIndex, type NodeId, Offset, Term } from '../contract/types.ts'
import type { Replica, ReplicaCounters, ReplicaStatus } from '../replica/engine/replica.ts'

/** What is kept for consumers that tail; older records are gone, and a fetch is told so. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024
const NS_PER_MS = 1_000_000
const TERM = Term(1)

type Kept = {
  readonly baseOffset: number
  readonly recordCount: number
  readonly batch: Uint8Array
}

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
  readonly #answers: (() => void)[] = []
  #kept: Kept[] = []
  #keptHead = 0
  #keptBytes = 0
  #index = 0
  #logEndOffset = 0
  #produced = 0
  #waiting: WaitingFetch[] = []

  constructor(options: NullReplicaOptions) {
    this.group = options.group
    this.#options = options
  }

  produce(request: ProduceRequest, done: (result: ProduceResult) => void): void {
    const result = this.#append(request.batch)
    this.#soon(() => done(result))
  }

  fetch(request: FetchRequest, done: (result: FetchResult) => void): void {
    const { clock } = this.#options
    const isAtEnd = request.offset === this.#logEndOffset
    if (!isAtEnd || request.waitMsMax === 0 || !this.#isLeader) {
      this.#soon(() => done(this.#read(request)))
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
      logEndOffset: Offset(this.#logEndOffset),
      highWatermark: Offset(this.#logEndOffset),
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
    this.#soon(done)
  }

  get #isLeader(): boolean {
    return this.#options.node === this.#options.leader
  }

  get #logStartOffset(): number {
    return this.#kept[this.#keptHead]?.baseOffset ?? this.#logEndOffset
  }

  #append(batch: Uint8Array): ProduceResult {
    const { leader } = this.#options
    const refused = { baseOffset: undefined, term: TERM, index: undefined, leader }
    if (!this.#isLeader) return { ...refused, code: 'NOT_LEADER' }
    const header = readBatchHeader(batch)
    if (isBatchFault(header)) return { ...refused, code: 'CORRUPT_BATCH' }
    const baseOffset = this.#logEndOffset
    this.#index += 1
    this.#produced += 1
    this.#logEndOffset += header.recordCount
    this.#keep({ baseOffset, recordCount: header.recordCount, batch })
    if (this.#waiting.length > 0) this.#soon(() => this.#wakeFetches())
    return {
      code: 'OK',
      baseOffset: Offset(baseOffset),
      term: TERM,
      index: LogIndex(this.#index),
      leader,
    }
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept)
    this.#keptBytes += kept.batch.length
    while (this.#keptBytes > KEPT_BYTES_MAX && this.#keptHead < this.#kept.length - 1) {
      this.#keptBytes -= this.#kept[this.#keptHead]?.batch.length ?? 0
      this.#keptHead += 1
    }
    if (this.#keptHead < 4096 || this.#keptHead * 2 < this.#kept.length) return
    this.#kept = this.#kept.slice(this.#keptHead)
    this.#keptHead = 0
  }

  #read(request: FetchRequest): FetchResult {
    const { leader } = this.#options
    const result = {
      logStartOffset: Offset(this.#logStartOffset),
      highWatermark: Offset(this.#logEndOffset),
      batches: [],
      leader,
    }
    if (!this.#isLeader) return { ...result, code: 'NOT_LEADER' }
    if (request.offset < this.#logStartOffset || request.offset > this.#logEndOffset) {
      return { ...result, code: 'OFFSET_OUT_OF_RANGE' }
    }
    return { ...result, code: 'OK', batches: this.#batchesFrom(request) }
  }

  #batchesFrom({ offset, bytesMax }: FetchRequest): Uint8Array[] {
    const batches: Uint8Array[] = []
    let bytes = 0
    for (let at = this.#placeOf(offset); at < this.#kept.length; at += 1) {
      const { baseOffset, batch } = this.#kept[at] as Kept
      bytes += batch.length
      if (batches.length > 0 && bytes > bytesMax) break
      batches.push(servedCopyOf(batch, Offset(baseOffset), TERM))
    }
    return batches
  }

  /** Place of the batch that holds `offset`, by halving; the end when there is none. */
  #placeOf(offset: number): number {
    let low = this.#keptHead
    let high = this.#kept.length
    while (low < high) {
      const middle = (low + high) >> 1
      const { baseOffset, recordCount } = this.#kept[middle] as Kept
      if (baseOffset + recordCount <= offset) low = middle + 1
      else high = middle
    }
    return low
  }

  #wakeFetches(): void {
    for (const waiting of [...this.#waiting]) this.#answerFetch(waiting)
  }

  #answerFetch(waiting: WaitingFetch): void {
    waiting.timer.cancel()
    this.#waiting = this.#waiting.filter((other) => other !== waiting)
    waiting.done(this.#read(waiting.request))
  }

  /** One microtask for all that a burst of requests asks. */
  #soon(answer: () => void): void {
    this.#answers.push(answer)
    if (this.#answers.length === 1) this.#options.clock.defer(this.#answerAll)
  }

  readonly #answerAll = (): void => {
    for (const answer of this.#answers.splice(0)) answer()
  }
}
