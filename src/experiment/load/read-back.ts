import type { Clock, Timer } from '../../base/clock.ts'
import type { Code } from '../../contract/codes.ts'
import type { FetchConsistency, FetchResult, LogClient } from '../../contract/log-client.ts'
import { isBatchFault, readBatchHeader } from '../../contract/record-batch.ts'
import { GroupId, NodeId, Offset } from '../../contract/types.ts'
import type { HistoryRecorder } from './history-recorder.ts'
import type { Routes } from './routes.ts'

/** For all replicas together; what was not read by then is missing from the history. */
const READ_BACK_NS_MAX = 30_000_000_000
const FETCH_BYTES_MAX = 1024 * 1024

export type ReadBackOptions = {
  readonly clock: Clock
  readonly routes: Routes
  readonly nodes: readonly { readonly node: number }[]
  readonly groups: readonly number[]
  readonly history: Pick<HistoryRecorder, 'readBack'>
}

/**
 * Reads every partition from every node, one after the other, and calls `done` once. A replica that
 * does not answer is left out: a checker then knows less, and says so.
 */
export function readBack(options: ReadBackOptions, done: () => void): void {
  new ReadBack(options, done).next()
}

type Replica = { readonly node: number; readonly partition: number }

class ReadBack {
  readonly #options: ReadBackOptions
  readonly #done: () => void
  readonly #left: Replica[]
  readonly #limit: Timer
  #isOver = false

  constructor(options: ReadBackOptions, done: () => void) {
    const { clock, nodes, groups } = options
    this.#options = options
    this.#done = done
    this.#left = nodes.flatMap(({ node }) => groups.map((_, partition) => ({ node, partition })))
    this.#limit = clock.wakeAt(clock.nowNs() + READ_BACK_NS_MAX, () => this.#finish())
  }

  next(): void {
    const replica = this.#left.shift()
    if (replica === undefined) this.#finish()
    else this.#read(replica)
  }

  #read({ node, partition }: Replica): void {
    const { routes, groups, history } = this.#options
    const group = GroupId(groups[partition] as number)
    readWholeLog(routes.client(NodeId(node)), group, 'committed', (read) => {
      if (this.#isOver) return
      if (read.code === 'OK') history.readBack(node, partition, read.batches)
      this.next()
    })
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#limit.cancel()
    this.#done()
  }
}

/** All that one node serves of a partition, or the code with which it refused to go on. */
export type WholeLog = { readonly code: Code; readonly batches: readonly Uint8Array[] }

/** Reads up to the high watermark that the last answer names. */
export function readWholeLog(
  client: LogClient,
  partition: GroupId,
  consistency: FetchConsistency,
  done: (read: WholeLog) => void,
): void {
  const batches: Uint8Array[] = []
  const read = (offset: number): void => {
    const request = { offset: Offset(offset), bytesMax: FETCH_BYTES_MAX, waitMsMax: 0 }
    client.fetch({ ...request, partition, consistency }, (result) => took(offset, result))
  }
  const took = (offset: number, result: FetchResult): void => {
    batches.push(...result.batches)
    const end = endOf(result.batches) ?? offset
    const hasMore = result.code === 'OK' && end > offset && end < result.highWatermark
    if (hasMore) read(end)
    else done({ code: result.code, batches })
  }
  read(0)
}

function endOf(batches: readonly Uint8Array[]): number | undefined {
  const last = batches.at(-1)
  const header = last === undefined ? undefined : readBatchHeader(last)
  return header === undefined || isBatchFault(header)
    ? undefined
    : header.baseOffset + header.recordCount
}
