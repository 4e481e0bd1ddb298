import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import type { Prng } from '../../base/prng.ts'
import type { Code } from '../../contract/codes.ts'
import type { ProduceResult } from '../../contract/log-client.ts'
import {
  batchLayout,
  isBatchFault,
  isBatchIntact,
  readBatchHeader,
  uint32At,
} from '../../contract/record-batch.ts'
import { BatchEncoder } from '../../contract/record-batch-encode.ts'
import { type History, HistoryBuilder } from '../../judgement/history/history.ts'
import type { HistoryLine } from '../../judgement/history/schema.ts'
import { crc32c } from '../../os/crc32c.ts'

/** A batch on its way; its bytes are sent again as they are until they are acknowledged. */
export type JournalBatch = {
  readonly operation: number
  readonly producer: number
  readonly bytes: Uint8Array
}

const encoder = new BatchEncoder(crc32c)
const PARTITION = 0
const VALUE_BYTES = 4
const RECORDS_MAX = 3
/** Small records and, now and then, ones that fill sectors and pages. */
const FILLER_BYTES_SMALL = 200
const FILLER_BYTES_LARGE = 6_000
const ONE_IN_LARGE = 8
/** Stands in a history for what nobody sent. */
const FOREIGN = 0

/**
 * What was sent to a cluster and what it acknowledged, kept outside of its nodes. Numbers every
 * record, so that each can be found again.
 */
export class CutJournal {
  readonly #clock: Clock
  readonly #prng: Prng
  readonly #builder = new HistoryBuilder()
  /** By producer and sequence: what a served batch is compared with. */
  readonly #sent = new Map<string, { readonly crc: number; readonly values: readonly number[] }>()
  readonly #sequences = new Map<number, number>()
  readonly #valuesOf = new Map<number, readonly number[]>()
  readonly #acked: { readonly base: number; readonly values: readonly number[] }[] = []
  readonly #filler: Uint8Array
  #operations = 0
  #value = FOREIGN

  constructor(options: { readonly clock: Clock; readonly subject: string; readonly prng: Prng }) {
    this.#clock = options.clock
    this.#prng = options.prng
    this.#filler = Uint8Array.from({ length: 2 * FILLER_BYTES_LARGE }, () => this.#prng.below(256))
    const guarantees = { idempotent: true, ordered: true }
    this.#add({ t: 'run', v: 1, subject: options.subject, clock: 'monotonic', guarantees })
  }

  /** Batches acknowledged so far. */
  get acked(): number {
    return this.#acked.length
  }

  nextBatch(producer: number): JournalBatch {
    const values: number[] = []
    const records = Array.from({ length: 1 + this.#prng.below(RECORDS_MAX) }, () => {
      this.#value += 1
      values.push(this.#value)
      return { value: this.#recordOf(this.#value) }
    })
    const baseSequence = this.#sequences.get(producer) ?? 0
    this.#sequences.set(producer, baseSequence + records.length)
    const identity = { id: producer, epoch: 0, baseSequence }
    const bytes = encoder.encode({ records, timestampMs: 0, producer: identity })
    const crc = uint32At(bytes, batchLayout.crc)
    this.#sent.set(`${producer}:${baseSequence}`, { crc, values })
    const operation = this.#operations
    this.#operations += 1
    this.#valuesOf.set(operation, values)
    const line = { t: 'inv', i: operation, c: producer, ts: this.#clock.nowNs() } as const
    this.#add({ ...line, p: PARTITION, f: 'produce', vals: values })
    return { operation, producer, bytes }
  }

  acknowledge(i: number, result: ProduceResult, tries: number, node: number): void {
    const base = result.baseOffset
    if (base === undefined) {
      this.end(i, 'indefinite', result.code)
      return
    }
    this.#add({ t: 'ret', i, ts: this.#clock.nowNs(), r: 'ok', base, tries, node })
    this.#acked.push({ base, values: this.#valuesOf.get(i) ?? [] })
    this.#valuesOf.delete(i)
  }

  end(i: number, r: 'fail' | 'indefinite', err: Code): void {
    this.#add({ t: 'ret', i, ts: this.#clock.nowNs(), r, err })
  }

  node(n: number, e: 'crash' | 'restart'): void {
    this.#add({ t: 'node', n, ts: this.#clock.nowNs(), e })
  }

  /** How many of the first `acked` acknowledged batches are not where they were said to be. */
  lostIn(batches: readonly Uint8Array[], acked: number): number {
    const values = this.#valuesIn(batches)
    const isLost = ({ base, values: sent }: { base: number; values: readonly number[] }) =>
      sent.some((value, at) => values[base + at] !== value)
    return this.#acked.slice(0, acked).filter(isLost).length
  }

  readBack(n: number, batches: readonly Uint8Array[]): void {
    this.#add({ t: 'readback', n, p: PARTITION, start: 0, vals: this.#valuesIn(batches) })
  }

  finish(): History {
    this.#add({ t: 'end', ts: this.#clock.nowNs(), ops: this.#operations })
    return this.#builder.build()
  }

  /** By offset; where nothing was served, or what nobody sent, stands a value that nobody sent. */
  #valuesIn(batches: readonly Uint8Array[]): readonly number[] {
    const values: number[] = []
    for (const bytes of batches) {
      const header = readBatchHeader(bytes)
      if (isBatchFault(header)) continue
      const { producerId, baseSequence, baseOffset, recordCount } = header
      const sent = this.#sent.get(`${producerId}:${baseSequence}`)
      const isOurs = sent?.crc === uint32At(bytes, batchLayout.crc) && isBatchIntact(bytes, crc32c)
      while (values.length < baseOffset) values.push(FOREIGN)
      for (let at = 0; at < recordCount; at += 1) {
        values[baseOffset + at] = (isOurs ? sent?.values[at] : undefined) ?? FOREIGN
      }
    }
    return values
  }

  #recordOf(number: number): Uint8Array {
    const isLarge = this.#prng.below(ONE_IN_LARGE) === 0
    const bytes = this.#prng.below(isLarge ? FILLER_BYTES_LARGE : FILLER_BYTES_SMALL)
    const record = new Uint8Array(VALUE_BYTES + bytes)
    new DataView(record.buffer).setUint32(0, number)
    const from = this.#prng.below(FILLER_BYTES_LARGE)
    record.set(this.#filler.subarray(from, from + bytes), VALUE_BYTES)
    return record
  }

  #add(line: HistoryLine): void {
    const refused = this.#builder.add(line)
    assert(refused === undefined, `the journal records what a history forbids: ${refused}`)
  }
}
