import { assert } from '../../base/assert.ts'
import { batchLayout, int16At, int32At, int64At } from '../../contract/record-batch.ts'
import { LogIndex, Offset } from '../../contract/types.ts'
import type { Entry } from '../consensus/message.ts'
import { OffsetTable } from './offset-table.ts'
import { type ProducerBatch, Producers } from './producers.ts'

/** What applying an entry came to: its base offset, why it has none, or that it held no records. */
export type Applied = Offset | ApplyRefusal | undefined

/** Every replica refuses alike: the log holds the entry, the partition does not. */
export type ApplyRefusal = 'OUT_OF_ORDER_SEQUENCE' | 'FENCED'

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
    assert(entry.index === this.#appliedIndex + 1, 'an entry is passed over', entry.index)
    this.#appliedIndex = entry.index
    if (entry.kind === 'noop') return undefined
    const { payload } = entry
    const isIdempotent = int64At(payload, batchLayout.producerId) >= 0
    return isIdempotent
      ? this.#judge(entry.index, producerBatchOf(payload))
      : this.#append(entry.index, int32At(payload, batchLayout.recordCount))
  }

  #judge(index: LogIndex, batch: ProducerBatch): Applied {
    const judgement = this.#producers.judge(batch)
    switch (judgement.kind) {
      case 'gap':
        return 'OUT_OF_ORDER_SEQUENCE'
      case 'fenced':
        return 'FENCED'
      case 'duplicate':
        return judgement.baseOffset
      case 'append': {
        const baseOffset = this.#append(index, batch.recordCount)
        this.#producers.appended(batch, baseOffset)
        return baseOffset
      }
    }
  }

  #append(index: LogIndex, recordCount: number): Offset {
    const baseOffset = this.#highWatermark
    this.offsets.append(index, baseOffset)
    this.#highWatermark = (baseOffset + recordCount) as Offset
    return baseOffset
  }
}

/** Only the four fields that decide: the node that proposed the batch has checked the rest. */
const producerBatchOf = (batch: Uint8Array): ProducerBatch => ({
  producerId: int64At(batch, batchLayout.producerId),
  producerEpoch: int16At(batch, batchLayout.producerEpoch),
  baseSequence: int32At(batch, batchLayout.baseSequence),
  recordCount: int32At(batch, batchLayout.recordCount),
})
