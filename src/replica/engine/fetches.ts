import type { Code } from '../../contract/codes.ts'
import type { FetchResult } from '../../contract/log-client.ts'
import { servedCopyOf } from '../../contract/record-batch.ts'
import { LogIndex, type NodeId, Offset } from '../../contract/types.ts'
import type { Entry } from '../consensus/message.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { PendingFetch } from './pending-operations.ts'

/** Entries that are looked up at once while an answer is filled. */
const ENTRIES_PER_LOOK = 64

/** What a fetch needs to know of the replica that answers it. */
export type FetchSource = {
  readonly log: PartitionLog
  /** Committed entries in `[start, end)`, a prefix of them; empty only if the store failed. */
  readonly read: (start: LogIndex, end: LogIndex, bytesMax: number) => readonly Entry[]
  /** Whom this node believes to lead, and whether it is itself one that knows all committed. */
  readonly leader: () => NodeId | undefined
  readonly isEstablishedLeader: () => boolean
}

/**
 * Answers fetches whose consistency is settled: at once, when the high watermark passes their
 * offset, or at their deadline.
 */
export class Fetches {
  readonly #source: FetchSource
  #parked: PendingFetch[] = []

  constructor(source: FetchSource) {
    this.#source = source
  }

  get parked(): number {
    return this.#parked.length
  }

  serve(fetch: PendingFetch, nowNs: number): void {
    const { offset } = fetch.request
    const { highWatermark } = this.#source.log
    if (offset < highWatermark) {
      fetch.done(this.answer('OK', this.#batchesFrom(fetch)))
    } else if (offset > highWatermark) {
      // Only a leader that has applied all it may have to can say that the offset does not exist.
      const known = this.#source.isEstablishedLeader()
      fetch.done(this.answer(known ? 'OFFSET_OUT_OF_RANGE' : 'OFFSET_NOT_AVAILABLE', []))
    } else if (fetch.deadlineNs <= nowNs) {
      fetch.done(this.answer('OK', []))
    } else {
      this.#parked.push(fetch)
    }
  }

  /** The high watermark rose, or time passed: answers those whose wait is over. */
  wake(nowNs: number): void {
    if (this.#parked.length === 0) return
    const parked = this.#parked
    this.#parked = []
    for (const fetch of parked) this.serve(fetch, nowNs)
  }

  failAll(code: Code): void {
    const parked = this.#parked
    this.#parked = []
    for (const fetch of parked) fetch.done(this.answer(code, []))
  }

  answer(code: Code, batches: readonly Uint8Array[]): FetchResult {
    return {
      code,
      logStartOffset: Offset(0),
      highWatermark: this.#source.log.highWatermark,
      batches,
      leader: this.#source.leader(),
    }
  }

  #batchesFrom(fetch: PendingFetch): Uint8Array[] {
    const { offsets } = this.#source.log
    const { offset, bytesMax } = fetch.request
    const batches: Uint8Array[] = []
    let bytes = 0
    let row = offsets.rowOf(offset)
    while (row < offsets.rows) {
      const first = offsets.index(row)
      const lastRow = Math.min(row + ENTRIES_PER_LOOK, offsets.rows) - 1
      const end = LogIndex(offsets.index(lastRow) + 1)
      const entries = this.#source.read(first, end, bytesMax)
      if (entries.length === 0) return batches
      for (; row <= lastRow; row += 1) {
        const entry = entries[offsets.index(row) - first]
        if (entry === undefined) break
        bytes += entry.payload.length
        if (batches.length > 0 && bytes > bytesMax) return batches
        batches.push(servedCopyOf(entry.payload, offsets.baseOffset(row), entry.term))
      }
    }
    return batches
  }
}
