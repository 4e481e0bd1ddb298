import type { Crc32c } from '../../base/crc32c.ts'
import { type BatchHeader, isBatchFault, readBatchHeader } from '../../contract/record-batch.ts'
import { decodeBatch } from '../../contract/record-batch-decode.ts'
import type { CheckResult } from '../../judgement/history/run-record.ts'
import type { Payloads } from '../workload/payload.ts'
import type { Ledger, LedgerBatch } from './ledger.ts'

/**
 * Holds every record that one consumer reads to what the producers sent and were told: content,
 * order, dense offsets, and that each batch is where its acknowledgement said. The first thing
 * that is wrong is kept as the explanation.
 */
export class RecordCheck {
  readonly #ledger: Ledger
  readonly #payloads: Payloads
  readonly #crc32c: Crc32c
  readonly #recordsPerBatch: number
  readonly #isReplay: boolean
  /** Per session, the last batch that this consumer has seen. */
  readonly #lastOrdinals: Float64Array
  #violation: string | undefined
  #records = 0

  constructor(options: {
    readonly ledger: Ledger
    readonly payloads: Payloads
    readonly crc32c: Crc32c
    readonly recordsPerBatch: number
    /** Of a consumer that reads everything more than once: the ledger does not wait for it. */
    readonly isReplay?: boolean
  }) {
    this.#isReplay = options.isReplay ?? false
    this.#ledger = options.ledger
    this.#payloads = options.payloads
    this.#crc32c = options.crc32c
    this.#recordsPerBatch = options.recordsPerBatch
    this.#lastOrdinals = new Float64Array(options.ledger.sessions).fill(-1)
  }

  /** The first thing that was wrong. */
  get violation(): string | undefined {
    return this.#violation
  }

  /** Records read so far. */
  get records(): number {
    return this.#records
  }

  /** A replaying consumer goes back to offset 0. */
  beginAgain(partition: number): void {
    for (let session = 0; session < this.#ledger.sessions; session += 1) {
      if (this.#ledger.partitionOf(session) === partition) this.#lastOrdinals[session] = -1
    }
  }

  /**
   * Takes the next batch of a partition, which is expected to begin at `offset`. Returns what comes
   * after it, or undefined when one cannot read on.
   */
  observe(partition: number, offset: number, bytes: Uint8Array): Observed | undefined {
    const place = `partition ${partition}, offset ${offset}`
    const header = readBatchHeader(bytes)
    if (isBatchFault(header)) {
      this.#fail(`${place}: no record batch: ${header.fault} at byte ${header.byte}`)
      return undefined
    }
    const nextOffset = header.baseOffset + header.recordCount
    this.#records += header.recordCount
    if (header.baseOffset !== offset) this.#fail(`${place}: ${offsetFault(header, offset)}`)
    const batch = this.#ledger.batchOf(partition, {
      producerId: header.producerId,
      epoch: header.producerEpoch,
      baseSequence: header.baseSequence,
    })
    // Before it is seen: what is known about a batch may be dropped then.
    const sentNs = batch === undefined ? undefined : this.#ledger.firstSentNs(batch)
    if (batch === undefined) {
      this.#fail(`${place}: phantom: ${nameOf(header)} was never sent to this partition`)
    } else {
      this.#checkContent(place, header, bytes)
      this.#checkPlace(place, header, batch)
    }
    // Going back would read the same records for ever.
    return { sentNs, nextOffset: Math.max(nextOffset, offset + 1) }
  }

  #checkContent(place: string, header: BatchHeader, bytes: Uint8Array): void {
    const decoded = decodeBatch(bytes, this.#crc32c)
    if (isBatchFault(decoded)) {
      this.#fail(`${place}: altered: ${decoded.fault} at byte ${decoded.byte} of the batch`)
      return
    }
    if (header.recordCount !== this.#recordsPerBatch) {
      this.#fail(`${place}: altered: ${header.recordCount} records, not ${this.#recordsPerBatch}`)
      return
    }
    for (const [at, record] of decoded.records.entries()) {
      const { producerId, producerEpoch, baseSequence } = header
      const expected = this.#payloads.valueOf(producerId, producerEpoch, baseSequence + at)
      if (record.value !== undefined && Buffer.compare(record.value, expected) === 0) continue
      this.#fail(`${place}: altered: the value of record ${at} of ${nameOf(header)} is another`)
      return
    }
  }

  #checkPlace(place: string, header: BatchHeader, batch: LedgerBatch): void {
    const { baseOffset } = header
    const seenOffset = this.#ledger.seenOffset(batch)
    const ackedOffset = this.#ledger.ackedOffset(batch)
    const last = this.#lastOrdinals[batch.session] as number
    if (batch.ordinal <= last) {
      const again = this.#ledger.wasSeen(batch) && seenOffset !== baseOffset
      const what = again
        ? `duplicate: ${nameOf(header)} was read before${elsewhere(seenOffset)}`
        : `reordered: ${nameOf(header)} comes after a later one of its producer`
      this.#fail(`${place}: ${what}`)
      return
    }
    this.#lastOrdinals[batch.session] = batch.ordinal
    if (ackedOffset !== undefined && ackedOffset !== baseOffset) {
      this.#fail(`${place}: ${nameOf(header)} was acknowledged at offset ${ackedOffset}`)
    } else if (seenOffset !== undefined && seenOffset !== baseOffset) {
      this.#fail(`${place}: another consumer read ${nameOf(header)} at offset ${seenOffset}`)
    } else if (this.#ledger.fateOf(batch) === 'refused') {
      this.#fail(`${place}: ${nameOf(header)} was refused, definitely, and is in the log`)
    }
    if (!this.#isReplay) this.#ledger.seen(batch, baseOffset)
  }

  #fail(explanation: string): void {
    this.#violation ??= explanation
  }
}

export type Observed = {
  /** When the batch was first sent; undefined for one that was never sent. */
  readonly sentNs: number | undefined
  readonly nextOffset: number
}

/** The check's name in a run's record. */
const CONSUMED_RECORDS = 'consumed-records'

export const consumedRecords = (
  verdict: CheckResult['verdict'],
  explanation: string,
): CheckResult => ({ check: CONSUMED_RECORDS, verdict, explanation })

function offsetFault(header: BatchHeader, expected: number): string {
  const { baseOffset } = header
  return baseOffset > expected
    ? `lost: the next batch begins at offset ${baseOffset}`
    : `the batch served begins at offset ${baseOffset}, which was read before`
}

const elsewhere = (offset: number | undefined): string =>
  offset === undefined ? '' : `, at offset ${offset}`

const nameOf = (header: BatchHeader): string =>
  `producer ${header.producerId} epoch ${header.producerEpoch} sequence ${header.baseSequence}`
