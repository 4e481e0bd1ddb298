import type { Clock } from '../../src/base/clock.ts'
import type {
  FetchRequest,
  FetchResult,
  LogClient,
  ProduceRequest,
  ProduceResult,
} from '../../src/contract/log-client.ts'
import { isBatchFault, readBatchHeader, servedCopyOf } from '../../src/contract/record-batch.ts'
import { LogIndex, NodeId, Offset, Term } from '../../src/contract/types.ts'

/** What one produce is answered with; `silent`: never. */
export type Reply = Partial<ProduceResult> | 'silent'

export type FakeLogOptions = {
  readonly clock: Clock
  /** From a request to its answer. */
  readonly delayNs?: number
  /** Each answer only begins when the one before it has left. */
  readonly isSerial?: boolean
  /** No answer leaves within this span. */
  readonly stall?: { readonly startNs: number; readonly endNs: number }
  /** What is really kept of the batch with this place in the order of arrival. Default: itself. */
  readonly keep?: (batch: Uint8Array, place: number) => readonly Uint8Array[]
  /** Answers otherwise than OK; `appends` says whether the batch is kept all the same. */
  readonly answer?: (request: ProduceRequest, node: NodeId, place: number) => Answer | undefined
}

export type Answer = { readonly appends: boolean; readonly reply: Reply }

type Waiting = { readonly request: FetchRequest; readonly answer: () => void }
type Partition = { batches: Uint8Array[]; offsets: number[]; end: number; waiting: Waiting[] }

/** A log in memory behind any number of clients, which lies as it is told to. */
export class FakeLog {
  readonly #options: FakeLogOptions
  readonly #partitions = new Map<number, Partition>()
  readonly #seen = new Map<string, number>()
  #busyUntilNs = 0
  produced = 0
  outstanding = 0
  outstandingMax = 0

  constructor(options: FakeLogOptions) {
    this.#options = options
  }

  /** One bit of a batch that is kept changes. */
  rot(group: number, place: number): void {
    const batch = this.#partition(group).batches[place] as Uint8Array
    const at = batch.length - 5
    batch[at] = (batch[at] as number) ^ 1
  }

  client(node: NodeId): LogClient {
    return {
      produce: (request, done) => this.#produce(node, request, done),
      fetch: (request, done) => this.#fetch(request, done),
      close: () => undefined,
    }
  }

  #produce(node: NodeId, request: ProduceRequest, done: (result: ProduceResult) => void): void {
    const place = this.produced
    this.produced += 1
    this.outstanding += 1
    this.outstandingMax = Math.max(this.outstandingMax, this.outstanding)
    const { appends, reply } = this.#options.answer?.(request, node, place) ?? OK
    const baseOffset = appends ? this.#append(request, place) : undefined
    if (reply === 'silent') return
    this.#later(() => {
      this.outstanding -= 1
      done({
        code: 'OK',
        baseOffset: baseOffset === undefined ? undefined : Offset(baseOffset),
        term: Term(1),
        index: LogIndex(place + 1),
        leader: NodeId(1),
        ...reply,
      })
    })
  }

  #append(request: ProduceRequest, place: number): number {
    const header = readBatchHeader(request.batch)
    if (isBatchFault(header)) throw new Error(header.fault)
    const { producerId, producerEpoch, baseSequence } = header
    const name = `${request.partition}/${producerId}/${producerEpoch}/${baseSequence}`
    const before = this.#seen.get(name)
    if (before !== undefined) return before
    const partition = this.#partition(request.partition)
    const baseOffset = partition.end
    this.#seen.set(name, baseOffset)
    for (const batch of this.#options.keep?.(request.batch, place) ?? [request.batch]) {
      const kept = readBatchHeader(batch)
      partition.batches.push(servedCopyOf(batch, Offset(partition.end), Term(1)))
      partition.offsets.push(partition.end)
      partition.end += isBatchFault(kept) ? 1 : kept.recordCount
    }
    for (const { answer } of partition.waiting.splice(0)) answer()
    return baseOffset
  }

  #fetch(request: FetchRequest, done: (result: FetchResult) => void): void {
    const partition = this.#partition(request.partition)
    let open = true
    const answer = (): void => {
      if (!open) return
      open = false
      this.#later(() => done(resultOf(partition, request)))
    }
    if (request.offset < partition.end || request.waitMsMax === 0) {
      answer()
      return
    }
    partition.waiting.push({ request, answer })
    const { clock } = this.#options
    clock.wakeAt(clock.nowNs() + request.waitMsMax * 1_000_000, answer)
  }

  #later(task: () => void): void {
    const { clock, delayNs = 0, isSerial = false, stall } = this.#options
    const freeNs = isSerial ? Math.max(clock.nowNs(), this.#busyUntilNs) : clock.nowNs()
    const atNs = freeNs + delayNs
    if (isSerial) this.#busyUntilNs = atNs
    const isHeld = stall !== undefined && atNs >= stall.startNs && atNs < stall.endNs
    if (delayNs === 0 && !isHeld) clock.defer(task)
    else clock.wakeAt(isHeld ? stall.endNs : atNs, task)
  }

  #partition(id: number): Partition {
    let partition = this.#partitions.get(id)
    if (partition === undefined) {
      partition = { batches: [], offsets: [], end: 0, waiting: [] }
      this.#partitions.set(id, partition)
    }
    return partition
  }
}

const OK: Answer = { appends: true, reply: {} }

/** From the batch that begins at the offset on, as many as fit. */
function resultOf({ batches, offsets, end }: Partition, request: FetchRequest): FetchResult {
  const served: Uint8Array[] = []
  let bytes = 0
  for (let at = firstAtOrAfter(offsets, request.offset); at < batches.length; at += 1) {
    const batch = batches[at] as Uint8Array
    bytes += batch.length
    if (served.length > 0 && bytes > request.bytesMax) break
    served.push(batch)
  }
  return {
    code: 'OK',
    logStartOffset: Offset(0),
    highWatermark: Offset(end),
    batches: served,
    leader: NodeId(1),
  }
}

function firstAtOrAfter(offsets: readonly number[], offset: number): number {
  let low = 0
  let high = offsets.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((offsets[middle] as number) < offset) low = middle + 1
    else high = middle
  }
  return low
}
