import { type Code, definitenessOf } from '../../contract/codes.ts'
import type { FetchConsistency, FetchResult } from '../../contract/log-client.ts'
import { isBatchFault, readBatchHeader } from '../../contract/record-batch.ts'
import type { NodeId } from '../../contract/types.ts'
import { HISTORY_VERSION, type HistoryLine } from '../../judgement/history/schema.ts'
import type { Workload } from '../workload/workload.ts'
import type { BatchFate, Ledger } from './ledger.ts'

/** Lines are handed on in pieces of about this many characters. */
const PIECE_CHARACTERS = 256 * 1024

/** A producer's records are numbered within this; a partition's values are unique by it. */
const VALUES_PER_PRODUCER = 2 ** 32
/** Values from here on were never produced: a phantom's, told apart by its offset. */
const PHANTOMS = 2 ** 52

/** How a produce operation ended, for the history. */
export type ProduceEnd = {
  readonly nowNs: number
  readonly fate: Exclude<BatchFate, 'open'>
  readonly code: string
  readonly baseOffset: number | undefined
  readonly tries: number
  readonly node: NodeId
}

/**
 * Writes down every operation as history.ndjson wants it: a record's value is its number among
 * those of its producer and partition, which follows from what its batch is called.
 */
export class HistoryRecorder {
  readonly #write: (text: string) => void
  readonly #ledger: Ledger
  readonly #workload: Workload
  readonly #groups: readonly number[]
  readonly #open = new Map<string, number>()
  #lines: string[] = []
  #characters = 0
  #operations = 0

  constructor(options: {
    /** Receives whole lines, many at a time. */
    readonly write: (text: string) => void
    readonly ledger: Ledger
    readonly workload: Workload
    readonly groups: readonly number[]
    readonly subject: string
    readonly seed: number
  }) {
    this.#write = options.write
    this.#ledger = options.ledger
    this.#workload = options.workload
    this.#groups = options.groups
    this.#add({
      t: 'run',
      v: HISTORY_VERSION,
      subject: options.subject,
      clock: 'monotonic',
      guarantees: { idempotent: true, ordered: true },
      notes: { workload: options.workload.name, seed: options.seed },
    })
  }

  /** A batch is sent for the first time. */
  produceBegan(session: number, ordinal: number, nowNs: number): void {
    const i = this.#nextOperation()
    this.#open.set(`${session}/${ordinal}`, i)
    this.#add({
      ...{ t: 'inv', i, c: Math.floor(session / this.#workload.partitions), ts: nowNs },
      p: this.#groupOf(this.#ledger.partitionOf(session)),
      f: 'produce',
      vals: this.#valuesOf(session, ordinal),
      acks: this.#workload.acks,
    })
  }

  produceEnded(session: number, ordinal: number, end: ProduceEnd): void {
    const name = `${session}/${ordinal}`
    const i = this.#open.get(name)
    // An answer after the timeout: the history has the operation as one without an outcome.
    if (i === undefined) return
    this.#open.delete(name)
    const { nowNs: ts, tries, node } = end
    if (end.fate === 'acknowledged') {
      const base = end.baseOffset
      this.#add({ t: 'ret', i, ts, r: 'ok', tries, node, ...(base === undefined ? {} : { base }) })
    } else {
      const r = end.fate === 'refused' ? 'fail' : 'indefinite'
      this.#add({ t: 'ret', i, ts, r, err: end.code, tries, node })
    }
  }

  /** Returns the operation, for `fetchEnded`. */
  fetchBegan(fetch: {
    readonly consumer: number
    readonly partition: number
    readonly from: number
    readonly consistency: FetchConsistency
    readonly nowNs: number
  }): number {
    const i = this.#nextOperation()
    const { partition, from, consistency, nowNs: ts } = fetch
    const c = this.#workload.producers + fetch.consumer
    this.#add({ t: 'inv', i, c, ts, p: this.#groupOf(partition), f: 'fetch', from, consistency })
    return i
  }

  fetchEnded(
    i: number,
    { partition, node, nowNs: ts }: { partition: number; node: NodeId; nowNs: number },
    result: FetchResult,
  ): void {
    if (result.code !== 'OK') {
      const r = definitenessOf(result.code as Code) === 'definite' ? 'fail' : 'indefinite'
      this.#add({ t: 'ret', i, ts, r, err: result.code, node })
      return
    }
    const offs = result.batches.flatMap((batch) => this.#recordsIn(partition, batch))
    this.#add({ t: 'ret', i, ts, r: 'ok', offs, hw: result.highWatermark, node })
  }

  /** All that `node` serves of a partition, from offset 0. */
  readBack(node: number, partition: number, batches: readonly Uint8Array[]): void {
    const records = batches.flatMap((batch) => this.#recordsIn(partition, batch))
    const vals = records.map(([, value]) => value)
    this.#add({ t: 'readback', n: node, p: this.#groupOf(partition), start: 0, vals })
  }

  /** The last line: without it a reader knows that the recording was cut. */
  end(nowNs: number): void {
    this.#add({ t: 'end', ts: nowNs, ops: this.#operations })
    this.#flush()
  }

  #recordsIn(partition: number, bytes: Uint8Array): (readonly [number, number])[] {
    const header = readBatchHeader(bytes)
    if (isBatchFault(header)) return []
    const batch = this.#ledger.batchOf(partition, {
      producerId: header.producerId,
      epoch: header.producerEpoch,
      baseSequence: header.baseSequence,
    })
    return Array.from({ length: header.recordCount }, (_, at) => {
      const offset = header.baseOffset + at
      const values = batch === undefined ? [] : this.#valuesOf(batch.session, batch.ordinal)
      return [offset, values[at] ?? PHANTOMS + offset] as const
    })
  }

  #valuesOf(session: number, ordinal: number): number[] {
    const { partitions, recordsPerBatch } = this.#workload
    const first = Math.floor(session / partitions) * VALUES_PER_PRODUCER + ordinal * recordsPerBatch
    return Array.from({ length: recordsPerBatch }, (_, at) => first + at)
  }

  #groupOf(partition: number): number {
    return this.#groups[partition] as number
  }

  #nextOperation(): number {
    const operation = this.#operations
    this.#operations += 1
    return operation
  }

  #add(line: HistoryLine): void {
    const text = JSON.stringify(line)
    this.#lines.push(text)
    this.#characters += text.length
    if (this.#characters >= PIECE_CHARACTERS) this.#flush()
  }

  #flush(): void {
    this.#write(`${this.#lines.join('\n')}\n`)
    this.#lines = []
    this.#characters = 0
  }
}
