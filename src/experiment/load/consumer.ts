import type { Clock } from '../../base/clock.ts'
import type { FetchResult } from '../../contract/log-client.ts'
import { GroupId, type NodeId, Offset } from '../../contract/types.ts'
import type { FetchShape } from '../workload/workload.ts'
import type { HistoryRecorder } from './history-recorder.ts'
import type { Ledger } from './ledger.ts'
import type { RecordCheck } from './record-check.ts'
import type { Routes } from './routes.ts'

/** Before a fetch that failed, or came back empty at once, is tried again. */
const RETRY_AFTER_NS = 10_000_000

type Cursor = {
  readonly partition: number
  readonly group: GroupId
  readonly done: (result: FetchResult) => void
  offset: number
  /** The node that the outstanding fetch was sent to; undefined while there is none. */
  asked: NodeId | undefined
  askedNs: number
  /** Of the outstanding fetch in the history. */
  operation: number
  retryAtNs: number
  /** A batch that cannot be read: what comes after it is out of reach. */
  stuck: boolean
}

export type ConsumerOptions = {
  readonly clock: Clock
  readonly routes: Routes
  readonly ledger: Ledger
  readonly check: RecordCheck
  readonly groups: readonly number[]
  readonly fetch: FetchShape
  readonly history?: HistoryRecorder
  /** Its number among the consumers, for the history. */
  readonly consumer: number
  /** `tail`: follows the log. `replay`: begins again at offset 0 whenever it is at the end. */
  readonly manner: 'tail' | 'replay'
  /** A batch that was first sent at `sentNs` was read at `nowNs`. */
  readonly onRead: (sentNs: number, nowNs: number) => void
}

/**
 * Reads every partition from offset 0 on with one long-polling fetch at a time, and hands each
 * batch to the check.
 */
export class Consumer {
  readonly #options: ConsumerOptions
  readonly #cursors: Cursor[]
  #running = false
  #paused = false

  constructor(options: ConsumerOptions) {
    this.#options = options
    this.#cursors = options.groups.map((group, partition) => this.#cursorOn(partition, group))
  }

  start(): void {
    this.#running = true
    for (const cursor of this.#cursors) this.#fetch(cursor)
  }

  /** Asks for nothing more; answers that are on their way are dropped. */
  stop(): void {
    this.#running = false
  }

  /** Asks for nothing until `resume`; what is on its way is still read. */
  pause(): void {
    this.#paused = true
  }

  /** Goes on with the next `tick`. */
  resume(): void {
    this.#paused = false
  }

  /** Fetches again what has failed. To be called every few milliseconds. */
  tick(nowNs: number): void {
    for (const cursor of this.#cursors) {
      if (cursor.asked === undefined && nowNs >= cursor.retryAtNs) this.#fetch(cursor)
    }
  }

  get check(): RecordCheck {
    return this.#options.check
  }

  /** All before it was read. */
  offsetOf(partition: number): number {
    return this.#cursors[partition]?.offset ?? 0
  }

  #cursorOn(partition: number, group: number): Cursor {
    const cursor: Cursor = {
      partition,
      group: GroupId(group),
      done: (result) => this.#fetched(cursor, result),
      offset: 0,
      asked: undefined,
      askedNs: 0,
      operation: 0,
      retryAtNs: 0,
      stuck: false,
    }
    return cursor
  }

  #fetch(cursor: Cursor): void {
    if (!this.#running || this.#paused || cursor.stuck) return
    const { routes, fetch, clock, history, consumer } = this.#options
    const node = routes.leaderOf(cursor.partition)
    cursor.asked = node
    cursor.askedNs = clock.nowNs()
    const { group, partition, offset, askedNs: nowNs } = cursor
    const { consistency } = fetch
    cursor.operation =
      history?.fetchBegan({ consumer, partition, from: offset, consistency, nowNs }) ?? 0
    routes.client(node).fetch({ partition: group, offset: Offset(offset), ...fetch }, cursor.done)
  }

  #fetched(cursor: Cursor, result: FetchResult): void {
    const node = cursor.asked as NodeId
    cursor.asked = undefined
    if (!this.#running) return
    const nowNs = this.#options.clock.nowNs()
    const { history } = this.#options
    history?.fetchEnded(cursor.operation, { partition: cursor.partition, node, nowNs }, result)
    if (result.code !== 'OK') {
      this.#options.routes.learn(cursor.partition, node, result.code, result.leader)
      cursor.retryAtNs = nowNs + RETRY_AFTER_NS
      return
    }
    for (const bytes of result.batches) this.#take(cursor, bytes, nowNs)
    this.#maybeBeginAgain(cursor)
    const hasty = result.batches.length === 0 && nowNs - cursor.askedNs < RETRY_AFTER_NS
    if (hasty) cursor.retryAtNs = nowNs + RETRY_AFTER_NS
    else this.#fetch(cursor)
  }

  #maybeBeginAgain(cursor: Cursor): void {
    const { manner, ledger, check } = this.#options
    if (manner === 'tail' || cursor.offset < ledger.ackedEndOf(cursor.partition)) return
    cursor.offset = 0
    check.beginAgain(cursor.partition)
  }

  #take(cursor: Cursor, bytes: Uint8Array, nowNs: number): void {
    if (cursor.stuck) return
    const { check } = this.#options
    const observed = check.observe(cursor.partition, cursor.offset, bytes)
    if (observed === undefined) {
      cursor.stuck = true
      return
    }
    cursor.offset = observed.nextOffset
    if (observed.sentNs !== undefined) this.#options.onRead(observed.sentNs, nowNs)
  }
}
