import { assert } from '../../base/assert.ts'
import { crc32c } from '../../base/crc32c.ts'
import type { Code } from '../../contract/codes.ts'
import type { FetchResult, ProduceResult } from '../../contract/log-client.ts'
import { batchLayout, int64At, putInt32, uint32At } from '../../contract/record-batch.ts'
import { BatchEncoder } from '../../contract/record-batch-encode.ts'
import { type History, HistoryBuilder } from '../../judgement/history/history.ts'
import type { Guarantees, HistoryLine } from '../../judgement/history/schema.ts'
import { sameBytes } from './node-record.ts'
import type { World } from './world.ts'

/** Shared by all runs of a process: it draws slabs of memory, and returns what depends on none. */
const encoder = new BatchEncoder(crc32c)
const VALUE_BYTES = 4
const PARTITION = 0

/** What was promised to the clients of a simulated run. */
const guarantees: Guarantees = { idempotent: true, ordered: true }

type SentBatch = { readonly bytes: Uint8Array; readonly values: readonly number[] }

export type Sequence = {
  readonly id: number
  readonly epoch: number
  readonly baseSequence: number
}

/** Makes the batches that clients send, and writes down what they asked and were told. */
export class Recorder {
  readonly #world: World
  readonly #builder = new HistoryBuilder()
  /** By checksum: what was sent must come back byte for byte, but for what nodes fill in. */
  readonly #batches = new Map<number, SentBatch>()
  readonly #onLine: ((line: HistoryLine) => void) | undefined
  #operations = 0
  #value = 0
  acknowledged = 0

  constructor(world: World, subject: string, onLine: ((line: HistoryLine) => void) | undefined) {
    this.#world = world
    this.#onLine = onLine
    this.#add({ t: 'run', v: 1, subject, clock: 'virtual', guarantees })
  }

  makeBatch(records: number, sequence: Sequence | undefined): SentBatch {
    const values: number[] = []
    const made: { readonly value: Uint8Array }[] = []
    for (let nth = 0; nth < records; nth += 1) {
      const value = new Uint8Array(VALUE_BYTES)
      this.#value += 1
      values.push(this.#value)
      putInt32(value, 0, this.#value)
      made.push({ value })
    }
    const bytes =
      sequence === undefined
        ? encoder.encode({ records: made, timestampMs: 0 })
        : encoder.encode({ records: made, timestampMs: 0, producer: sequence })
    const batch = { bytes, values }
    this.#batches.set(uint32At(bytes, batchLayout.crc), batch)
    return batch
  }

  invokeProduce(client: number, values: readonly number[]): number {
    const i = this.#nextId()
    const ts = this.#world.nowNs
    this.#add({ t: 'inv', i, c: client, ts, p: PARTITION, f: 'produce', vals: values })
    return i
  }

  returnProduce(i: number, result: ProduceResult, tries: number, node: number): void {
    const ts = this.#world.nowNs
    const base = result.baseOffset ?? -1
    if (base < 0) this.#world.fail('contract', `produce ${i} is OK and names no offset`)
    else this.#add({ t: 'ret', i, ts, r: 'ok', base, tries, node })
    this.acknowledged += 1
  }

  invokeFetch(
    client: number,
    from: number,
    consistency: 'linearizable' | 'lease' | 'committed',
  ): number {
    const i = this.#nextId()
    const ts = this.#world.nowNs
    this.#add({ t: 'inv', i, c: client, ts, p: PARTITION, f: 'fetch', from, consistency })
    return i
  }

  returnFetch(i: number, result: FetchResult, node: number): void {
    const offs = this.recordsOf(result.batches)
    const ts = this.#world.nowNs
    this.#add({ t: 'ret', i, ts, r: 'ok', offs, hw: result.highWatermark, node })
  }

  end(i: number, r: 'fail' | 'indefinite', err: Code): void {
    this.#add({ t: 'ret', i, ts: this.#world.nowNs, r, err })
  }

  life(n: number, e: 'crash' | 'restart'): void {
    this.#add({ t: 'node', n, ts: this.#world.nowNs, e })
  }

  readBack(n: number, batches: readonly Uint8Array[]): void {
    const records = this.recordsOf(batches)
    records.forEach(([offset], at) => {
      if (offset !== at)
        this.#world.fail('gap', `node ${n} serves offset ${offset} as number ${at}`)
    })
    this.#add({ t: 'readback', n, p: PARTITION, start: 0, vals: records.map(([, value]) => value) })
  }

  finish(): History {
    this.#add({ t: 'end', ts: this.#world.nowNs, ops: this.#operations })
    return this.#builder.build()
  }

  /** Offset and value of each record; a batch that nobody sent is a failure at once. */
  recordsOf(batches: readonly Uint8Array[]): readonly (readonly [number, number])[] {
    const records: (readonly [number, number])[] = []
    for (const bytes of batches) {
      const sent = this.#batches.get(uint32At(bytes, batchLayout.crc))
      // Base offset, length and leader epoch come before the checksum's range.
      if (sent === undefined || !sameBytes(sent.bytes, bytes, batchLayout.attributes)) {
        this.#world.fail('phantom', 'a node serves a batch that nobody sent')
        return records
      }
      const base = int64At(bytes, batchLayout.baseOffset)
      sent.values.forEach((value, at) => {
        records.push([base + at, value])
      })
    }
    return records
  }

  #nextId(): number {
    this.#operations += 1
    return this.#operations - 1
  }

  #add(line: HistoryLine): void {
    this.#onLine?.(line)
    const refused = this.#builder.add(line)
    assert(refused === undefined, `the simulator records what a history forbids: ${refused}`)
  }
}
