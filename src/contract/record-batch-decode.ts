import type { Crc32c } from '../base/crc32c.ts'
import {
  BATCH_HEADER_BYTES,
  type BatchFault,
  type BatchHeader,
  batchLayout,
  isBatchFault,
  isBatchIntact,
  readBatchHeader,
} from './record-batch.ts'

export type RecordHeader = {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/** One record as a consumer sees it. Byte fields are views of the batch. */
export type DecodedRecord = {
  /** Record offset in the partition: base offset of the batch plus its place in it. */
  readonly offset: number
  readonly timestampMs: number
  readonly key: Uint8Array | undefined
  readonly value: Uint8Array | undefined
  readonly headers: readonly RecordHeader[]
}

export type DecodedBatch = { readonly header: BatchHeader; readonly records: DecodedRecord[] }

/** Reads a whole batch, checksum included. Nothing but a value is thrown at bad bytes. */
export function decodeBatch(bytes: Uint8Array, crc32c: Crc32c): DecodedBatch | BatchFault {
  const header = readBatchHeader(bytes)
  if (isBatchFault(header)) return header
  if (!isBatchIntact(bytes, crc32c)) return { fault: 'checksum is wrong', byte: batchLayout.crc }
  const reader = new RecordReader(bytes, header)
  const records: DecodedRecord[] = []
  for (let delta = 0; delta < header.recordCount && reader.fault === undefined; delta += 1) {
    const record = reader.next(delta)
    if (record !== undefined) records.push(record)
  }
  return reader.fault ?? reader.leftover() ?? { header, records }
}

class RecordReader {
  readonly #bytes: Uint8Array
  readonly #header: BatchHeader
  #at = BATCH_HEADER_BYTES
  /** The first mistake; what is read after it means nothing. */
  fault: BatchFault | undefined

  constructor(bytes: Uint8Array, header: BatchHeader) {
    this.#bytes = bytes
    this.#header = header
  }

  next(delta: number): DecodedRecord | undefined {
    const length = this.#zigzag()
    const end = this.#at + length
    if (length < 0 || end > this.#bytes.length) this.#fail('record runs past the batch')
    this.#at += 1 // attributes: unused by Kafka
    const timestampMs = this.#header.baseTimestampMs + this.#zigzag()
    if (this.#zigzag() !== delta) this.#fail('offset deltas are not consecutive')
    const record = {
      offset: this.#header.baseOffset + delta,
      timestampMs,
      key: this.#bytesField(),
      value: this.#bytesField(),
      headers: this.#headers(),
    }
    if (this.#at !== end) this.#fail('record is not as long as it says')
    return this.fault === undefined ? record : undefined
  }

  leftover(): BatchFault | undefined {
    if (this.#at === this.#bytes.length) return undefined
    return { fault: 'bytes follow the last record', byte: this.#at }
  }

  #headers(): RecordHeader[] {
    const headers: RecordHeader[] = []
    const count = this.#zigzag()
    for (let at = 0; at < count && this.fault === undefined; at += 1) {
      const key = this.#bytesField()
      if (key === undefined) this.#fail('a header without a key')
      else headers.push({ key, value: this.#bytesField() })
    }
    return headers
  }

  #bytesField(): Uint8Array | undefined {
    const length = this.#zigzag()
    if (length < 0 || this.fault !== undefined) return undefined
    const start = this.#at
    if (start + length > this.#bytes.length) {
      this.#fail('field runs past the batch')
      return undefined
    }
    this.#at = start + length
    return this.#bytes.subarray(start, this.#at)
  }

  #zigzag(): number {
    let value = 0
    let scale = 1
    for (let count = 0; count < 10; count += 1) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) break
      this.#at += 1
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      scale *= 0x80
    }
    this.#fail('a varint does not end')
    return 0
  }

  #fail(text: string): void {
    this.fault ??= { fault: text, byte: this.#at }
  }
}
