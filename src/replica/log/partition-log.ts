import { assert } from '../../base/assert.ts'
import type { Code } from '../../contract/codes.ts'
import { batchLayout, int16At, int32At, int64At } from '../../contract/record-batch.ts'
import { LogIndex, Offset } from '../../contract/types.ts'
import type { Entry } from '../consensus/message.ts'
import { OffsetTable } from './offset-table.ts'
import { type ProducerBatch, Producers } from './producers.ts'

/** What applying an entry came to. `baseOffset` is there when `code` is OK and it held records. */
export type Applied = { readonly code: Code; readonly baseOffset: Offset | undefined }

const NO_RECORDS: Applied = { code: 'OK', baseOffset: undefined }
const GAP: Applied = { code: 'OUT_OF_ORDER_SEQUENCE', baseOffset: undefined }
const FENCED: Applied = { code: 'FENCED', baseOffset: undefined }

/**
 * A Kafka-like partition on a Raft log: gives committed entries their offsets, in the order of the
 * log. A function of the entries alone, so that all replicas agree on every offset.
 *
 * Layout `raft-log-is-partition`: the records stay in the Raft log; here is only the way to them.
 */
export class PartitionLog {
  /** Where the records of each offset stand. */
  readonly offsets = new OffsetTable()
  readonly #producers = new Producers()
  #appliedIndex = LogIndex(0)
  #highWatermark = Offset(0)

  get appliedIndex(): LogIndex {
    return this.#appliedIndex
  }

  /** Exclusive: every record below it is committed and applied here. */
  get highWatermark(): Offset {
    return this.#highWatermark
  }

  /** Takes the committed entry that follows the last one applied. */
  apply(entry: Entry): Applied {
    assert(entry.index === this.#appliedIndex + 1, `applied ${this.#appliedIndex}, not before it`)
    this.#appliedIndex = entry.index
    if (entry.kind === 'noop') return NO_RECORDS
    const batch = producerBatchOf(entry.payload)
    const judgement = this.#producers.judge(batch)
    switch (judgement.kind) {
      case 'gap':
        return GAP
      case 'fenced':
        return FENCED
      case 'duplicate':
        return { code: 'OK', baseOffset: judgement.baseOffset }
      case 'append':
        return this.#append(entry.index, batch)
    }
  }

  #append(index: LogIndex, batch: ProducerBatch): Applied {
    const baseOffset = this.#highWatermark
    this.#producers.appended(batch, baseOffset)
    this.offsets.append(index, baseOffset)
    this.#highWatermark = (baseOffset + batch.recordCount) as Offset
    return { code: 'OK', baseOffset }
  }
}

/** Only the four fields that decide: the node that proposed the batch has checked the rest. */
const producerBatchOf = (batch: Uint8Array): ProducerBatch => ({
  producerId: int64At(batch, batchLayout.producerId),
  producerEpoch: int16At(batch, batchLayout.producerEpoch),
  baseSequence: int32At(batch, batchLayout.baseSequence),
  recordCount: int32At(batch, batchLayout.recordCount),
})
