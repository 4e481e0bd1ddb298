import type { Clock } from '../../base/clock.ts'
import type { Crc32c } from '../../base/crc32c.ts'
import { BatchEncoder, type NewRecord } from '../../contract/record-batch-encode.ts'
import type { Payloads } from '../workload/payload.ts'
import type { BatchIdentity } from './ledger.ts'

const NS_PER_MS = 1_000_000

/** Makes the batch that an identity stands for; its content follows from the identity alone. */
export class BatchFactory {
  readonly #encoder: BatchEncoder
  readonly #clock: Clock
  readonly #clockStartMs: number
  readonly #payloads: Payloads
  readonly #recordsPerBatch: number

  constructor(options: {
    readonly clock: Clock
    /** Milliseconds since 1970 at the clock's 0, for the timestamps of the records. */
    readonly clockStartMs: number
    readonly crc32c: Crc32c
    readonly payloads: Payloads
    readonly recordsPerBatch: number
  }) {
    this.#encoder = new BatchEncoder(options.crc32c)
    this.#clock = options.clock
    this.#clockStartMs = options.clockStartMs
    this.#payloads = options.payloads
    this.#recordsPerBatch = options.recordsPerBatch
  }

  make({ producerId, epoch, baseSequence }: BatchIdentity): Uint8Array {
    const records: NewRecord[] = []
    for (let record = 0; record < this.#recordsPerBatch; record += 1) {
      records.push({ value: this.#payloads.valueOf(producerId, epoch, baseSequence + record) })
    }
    return this.#encoder.encode({
      records,
      timestampMs: Math.floor(this.#clockStartMs + this.#clock.nowNs() / NS_PER_MS),
      producer: { id: producerId, epoch, baseSequence },
    })
  }
}
