import { definitenessOf } from '../../contract/codes.ts'
import type { FetchResult, LogClient, ProduceResult } from '../../contract/log-client.ts'
import type { NodeId } from '../../contract/types.ts'
import { eventKinds } from './event-heap.ts'
import type { Batch, Read } from './plan.ts'
import type { Recorder } from './recorder.ts'
import { fetchRequest, produceRequest } from './sim-log-client.ts'
import { GROUP } from './sim-node.ts'
import type { World } from './world.ts'

/** A client waits so long before it tries again, and twice as long each further time. */
const BACKOFF_NS = 60_000_000
const DOUBLINGS_MAX = 5
/** Attempts of a produce that was refused for certain, before it is given up. */
const ATTEMPTS_MAX = 12
const FETCH_BYTES_MAX = 400
/** A reader asks for at most so many records that it has seen before. */
const REREAD_MAX = 6

export type ClientOptions = {
  readonly world: World
  readonly recorder: Recorder
  readonly client: number
  /** By node id; place 0 is unused. */
  readonly connections: readonly (LogClient | undefined)[]
  /** Called after each operation that ended. */
  readonly onProgress: () => void
}

/** Something that uses the log until it has done what was planned for it. */
export interface SimClient {
  start(): void
  readonly isDone: boolean
}

/** Whom a client believes to lead. */
class Target {
  readonly #nodes: number
  node: number

  constructor(nodes: number, first: number) {
    this.#nodes = nodes
    this.node = first
  }

  learn(leader: NodeId | undefined): void {
    this.node =
      leader !== undefined && leader !== this.node ? leader : (this.node % this.#nodes) + 1
  }
}

/** Without it retries of a slow cluster are what keeps it slow. */
const backoffNs = (tries: number): number =>
  BACKOFF_NS * 2 ** Math.min(Math.max(0, tries - 1), DOUBLINGS_MAX)

type Unanswered = {
  readonly operation: number
  readonly place: number
  readonly bytes: Uint8Array
  tries: number
}

/**
 * An idempotent producer: several batches on the way, in order; what fails is sent again with all
 * that follows it, until it is acknowledged.
 */
export class Producer implements SimClient {
  readonly #options: ClientOptions
  readonly #batches: readonly Batch[]
  readonly #window: number
  readonly #target: Target
  #unanswered: Unanswered[] = []
  #inFlight = 0
  #next = 0
  #sequence = 0
  #failedTries = 0
  #mustResend = false
  #isWaiting = false

  constructor(options: ClientOptions, window: number, batches: readonly Batch[]) {
    this.#options = options
    this.#batches = batches
    this.#window = window
    this.#target = new Target(options.connections.length - 1, 1)
  }

  get isDone(): boolean {
    return this.#next === this.#batches.length && this.#unanswered.length === 0
  }

  start(): void {
    this.#planNext()
  }

  #planNext(): void {
    const batch = this.#batches[this.#next]
    if (batch === undefined || this.#isWaiting) return
    this.#isWaiting = true
    const { world } = this.#options
    world.schedule(world.nowNs + batch.gapNs, eventKinds.client, 0, () => {
      this.#isWaiting = false
      if (this.#mustResend || this.#isFull()) return
      this.#produceNext(batch)
      this.#planNext()
    })
  }

  /** As in Kafka: nodes remember so many batches, so none may run further ahead of the oldest. */
  #isFull(): boolean {
    const oldest = this.#unanswered[0]?.place ?? this.#next
    return this.#next - oldest >= this.#window
  }

  #produceNext(batch: Batch): void {
    const { recorder, client } = this.#options
    const sequence = { id: client, epoch: 0, baseSequence: this.#sequence }
    const { bytes, values } = recorder.makeBatch(batch.records, sequence)
    this.#sequence += batch.records
    const operation = recorder.invokeProduce(client, values)
    const pending = { operation, place: this.#next, bytes, tries: 0 }
    this.#next += 1
    this.#unanswered.push(pending)
    this.#send(pending)
  }

  #send(pending: Unanswered): void {
    const { node } = this.#target
    pending.tries += 1
    this.#inFlight += 1
    this.#options.connections[node]?.produce(produceRequest(pending.bytes, GROUP), (result) => {
      this.#inFlight -= 1
      this.#answered(pending, result, node)
    })
  }

  #answered(pending: Unanswered, result: ProduceResult, node: number): void {
    const { recorder, onProgress } = this.#options
    if (result.code === 'OK') {
      recorder.returnProduce(pending.operation, result, pending.tries, node)
      this.#unanswered = this.#unanswered.filter((one) => one !== pending)
      this.#failedTries = 0
      onProgress()
    } else {
      if (!this.#mustResend) this.#target.learn(result.leader)
      this.#mustResend = true
    }
    if (!this.#mustResend) this.#planNext()
    else if (this.#inFlight === 0) this.#resend()
  }

  #resend(): void {
    const { world } = this.#options
    this.#failedTries += 1
    world.schedule(world.nowNs + backoffNs(this.#failedTries), eventKinds.client, 0, () => {
      this.#mustResend = false
      for (const pending of this.#unanswered) this.#send(pending)
      this.#planNext()
    })
  }
}

/** One batch at a time without a producer id: what may have happened is not sent again. */
export class OneShot implements SimClient {
  readonly #options: ClientOptions
  readonly #batches: readonly Batch[]
  readonly #target: Target
  #next = 0
  isDone = false

  constructor(options: ClientOptions, batches: readonly Batch[]) {
    this.#options = options
    this.#batches = batches
    this.#target = new Target(options.connections.length - 1, 1)
  }

  start(): void {
    const batch = this.#batches[this.#next]
    if (batch === undefined) {
      this.isDone = true
      return
    }
    this.#next += 1
    const { world, recorder, client } = this.#options
    world.schedule(world.nowNs + batch.gapNs, eventKinds.client, 0, () => {
      const { bytes, values } = recorder.makeBatch(batch.records, undefined)
      this.#send(recorder.invokeProduce(client, values), bytes, 1)
    })
  }

  #send(operation: number, bytes: Uint8Array, tries: number): void {
    const { node } = this.#target
    const { world, recorder, connections } = this.#options
    connections[node]?.produce(produceRequest(bytes, GROUP), (result) => {
      const kind = definitenessOf(result.code)
      if (kind === 'ok') recorder.returnProduce(operation, result, tries, node)
      else this.#target.learn(result.leader)
      if (kind === 'definite' && tries < ATTEMPTS_MAX) {
        world.schedule(world.nowNs + backoffNs(tries), eventKinds.client, 0, () => {
          this.#send(operation, bytes, tries + 1)
        })
        return
      }
      if (kind !== 'ok') {
        recorder.end(operation, kind === 'definite' ? 'fail' : 'indefinite', result.code)
      }
      this.#options.onProgress()
      this.start()
    })
  }
}

/** Reads here and there, of fresh and of stale kind; a read that fails says nothing. */
export class Reader implements SimClient {
  readonly #options: ClientOptions
  readonly #reads: readonly Read[]
  readonly #target: Target
  #next = 0
  #seenEnd = 0
  isDone = false

  constructor(options: ClientOptions, reads: readonly Read[]) {
    this.#options = options
    this.#reads = reads
    this.#target = new Target(options.connections.length - 1, 1)
  }

  start(): void {
    const read = this.#reads[this.#next]
    if (read === undefined) {
      this.isDone = true
      return
    }
    this.#next += 1
    const { world } = this.#options
    world.schedule(world.nowNs + read.gapNs, eventKinds.client, 0, () => this.#read(read))
  }

  #read(read: Read): void {
    const { recorder, client, connections } = this.#options
    const node = read.node === 0 ? this.#target.node : read.node
    const { consistency } = read
    const from = Math.max(0, this.#seenEnd - ((this.#next * 7) % (REREAD_MAX + 1)))
    const operation = recorder.invokeFetch(client, from, consistency)
    const request = fetchRequest(GROUP, from, consistency, FETCH_BYTES_MAX)
    connections[node]?.fetch(request, (result) => this.#answered(operation, result, node))
  }

  #answered(operation: number, result: FetchResult, node: number): void {
    const { recorder, onProgress } = this.#options
    const kind = definitenessOf(result.code)
    if (kind === 'ok') {
      recorder.returnFetch(operation, result, node)
      onProgress()
      this.#seenEnd = Math.max(this.#seenEnd, result.highWatermark)
      this.#options.onProgress()
    } else {
      if (node === this.#target.node) this.#target.learn(result.leader)
      recorder.end(operation, kind === 'definite' ? 'fail' : 'indefinite', result.code)
    }
    this.start()
  }
}
