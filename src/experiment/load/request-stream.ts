import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Code } from '../../contract/codes.ts'
import { FrameOutbox } from '../../contract/frames/frame-outbox.ts'
import { type Hello, writeHello } from '../../contract/frames/hello.ts'
import { type FrameFault, isFrameFault } from '../../contract/frames/wire-reader.ts'
import { WireWriter } from '../../contract/frames/wire-writer.ts'
import { grpcOptions } from '../../contract/services.ts'

/** One kind of request and its answer, as a RequestStream carries them. */
export type RequestKind<Request, Result> = {
  readonly path: string
  readonly write: (writer: WireWriter, id: number, request: Request) => void
  readonly read: (bytes: Uint8Array) => readonly (Result & { readonly id: number })[] | FrameFault
  /** Bytes that count in the window. */
  readonly weigh: (request: Request) => number
  /** How long the node may take to answer. */
  readonly answerMsMax: (request: Request) => number
  /** The answer that the client gives itself. */
  readonly refuse: (code: Code) => Result
}

export type RequestStreamOptions = {
  readonly clock: Clock
  readonly address: string
  readonly hello: Hello
}

/** Requests that wait for room in the window; beyond it they are refused as OVERLOADED. */
const QUEUED_MAX = 1_000_000
/** Fields of a request beside its batch, at full length. */
const REQUEST_BYTES_MAX = 64
/** A node answers TIMED_OUT by itself; the client says it this much later, in its place. */
const ANSWER_GRACE_NS = 1_000_000_000
const SWEEP_NS = 50_000_000
/** After a stream failed, requests are refused for so long before another one is tried. */
const REOPEN_NS = 50_000_000
const NS_PER_MS = 1_000_000

type Done<Result> = (result: Result) => void
type Waiting<Request, Result> = {
  readonly request: Request
  readonly done: Done<Result>
  readonly deadlineNs: number
}

/**
 * Requests of one kind to one node, on a connection of their own. A request's id is the number of
 * its slot, so nothing is hashed, and one timer looks after all that wait.
 */
export class RequestStream<Request, Result> {
  readonly #options: RequestStreamOptions
  readonly #kind: RequestKind<Request, Result>
  readonly #client: Client
  readonly #outbox: FrameOutbox
  #stream: ClientDuplexStream<Uint8Array, Uint8Array> | undefined
  #reopenAtNs = 0
  #isClosed = false
  /** By slot, the id less one. One that timed out here keeps its slot until it is answered. */
  readonly #dones: (Done<Result> | undefined)[]
  readonly #deadlinesNs: Float64Array
  readonly #weights: Float64Array
  #freeSlots: number[] = []
  #bytes = 0
  #queue: Waiting<Request, Result>[] = []
  #queueHead = 0
  #sweep: Timer | undefined
  #framesSent = 0

  constructor(options: RequestStreamOptions, kind: RequestKind<Request, Result>) {
    this.#options = options
    this.#kind = kind
    this.#client = new Client(options.address, credentials.createInsecure(), grpcOptions)
    this.#outbox = new FrameOutbox(options.clock, (frame) => {
      this.#framesSent += 1
      this.#stream?.write(frame)
    })
    const slots = options.hello.windowRequests
    this.#dones = Array.from({ length: slots }, () => undefined)
    this.#deadlinesNs = new Float64Array(slots)
    this.#weights = new Float64Array(slots)
    this.#freeAll()
  }

  get framesSent(): number {
    return this.#framesSent
  }

  send(request: Request, done: Done<Result>): void {
    const nowNs = this.#options.clock.nowNs()
    if (this.#isClosed || (this.#stream === undefined && nowNs < this.#reopenAtNs)) {
      this.#refuse(done, 'CONNECTION_LOST')
    } else if (this.#kind.weigh(request) > this.#options.hello.windowBytes) {
      this.#refuse(done, 'BATCH_TOO_LARGE')
    } else if (this.#queued >= QUEUED_MAX) {
      this.#refuse(done, 'OVERLOADED')
    } else {
      const deadlineNs = nowNs + this.#kind.answerMsMax(request) * NS_PER_MS + ANSWER_GRACE_NS
      if (this.#queued === 0 && this.#hasRoom(request)) this.#put(request, done, deadlineNs)
      else this.#queue.push({ request, done, deadlineNs })
      this.#armSweep(nowNs)
    }
  }

  /** Ends the connection; all that is unanswered ends with CONNECTION_LOST. */
  close(): void {
    this.#isClosed = true
    this.#stream?.cancel()
    this.#lose()
    this.#client.close()
  }

  get #queued(): number {
    return this.#queue.length - this.#queueHead
  }

  #hasRoom(request: Request): boolean {
    const bytes = this.#bytes + this.#kind.weigh(request)
    return this.#freeSlots.length > 0 && bytes <= this.#options.hello.windowBytes
  }

  #put(request: Request, done: Done<Result>, deadlineNs: number): void {
    if (this.#stream === undefined) this.#open()
    const slot = this.#freeSlots.pop() as number
    const weight = this.#kind.weigh(request)
    this.#dones[slot] = done
    this.#deadlinesNs[slot] = deadlineNs
    this.#weights[slot] = weight
    this.#bytes += weight
    this.#kind.write(this.#outbox.roomFor(REQUEST_BYTES_MAX + weight), slot + 1, request)
  }

  #open(): void {
    const stream = this.#client.makeBidiStreamRequest<Uint8Array, Uint8Array>(
      this.#kind.path,
      asBuffer,
      (bytes) => bytes,
    )
    stream.on('data', (bytes: Uint8Array) => {
      if (stream === this.#stream) this.#take(bytes)
    })
    stream.on('error', () => undefined) // 'status' follows, and says the same
    stream.on('status', () => {
      if (stream === this.#stream) this.#lose()
    })
    const writer = new WireWriter()
    writeHello(writer, this.#options.hello)
    stream.write(writer.take())
    this.#stream = stream
  }

  #take(bytes: Uint8Array): void {
    const results = this.#kind.read(bytes)
    if (isFrameFault(results)) {
      this.#stream?.cancel()
      this.#lose()
      return
    }
    for (const result of results) this.#settle(result)
    this.#drainQueue()
  }

  #settle(result: Result & { readonly id: number }): void {
    const slot = result.id - 1
    const weight = this.#weights[slot]
    if (weight === undefined || weight < 0) return // answered twice, or never asked
    const done = this.#dones[slot]
    this.#dones[slot] = undefined
    this.#weights[slot] = -1
    this.#bytes -= weight
    this.#freeSlots.push(slot)
    done?.(result)
  }

  #drainQueue(): void {
    while (this.#queued > 0) {
      const { request, done, deadlineNs } = this.#queue[this.#queueHead] as Waiting<Request, Result>
      if (!this.#hasRoom(request)) return
      this.#dropQueueHead()
      this.#put(request, done, deadlineNs)
    }
  }

  #dropQueueHead(): void {
    this.#queueHead += 1
    if (this.#queueHead < 1024 || this.#queueHead * 2 < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#queueHead)
    this.#queueHead = 0
  }

  #lose(): void {
    const { clock } = this.#options
    this.#stream = undefined
    this.#outbox.drop()
    this.#reopenAtNs = clock.nowNs() + REOPEN_NS
    const unanswered = this.#dones.filter((done) => done !== undefined)
    const unsent = this.#queue.slice(this.#queueHead).map(({ done }) => done)
    this.#freeAll()
    this.#queue = []
    this.#queueHead = 0
    for (const done of unanswered) this.#refuse(done, 'CONNECTION_LOST')
    for (const done of unsent) this.#refuse(done, 'CONNECTION_LOST')
  }

  #freeAll(): void {
    const slots = this.#dones.length
    this.#dones.fill(undefined)
    this.#weights.fill(-1)
    this.#bytes = 0
    this.#freeSlots = Array.from({ length: slots }, (_, at) => slots - 1 - at)
  }

  #refuse(done: Done<Result>, code: Code): void {
    this.#options.clock.defer(() => done(this.#kind.refuse(code)))
  }

  #armSweep(nowNs: number): void {
    this.#sweep ??= this.#options.clock.wakeAt(nowNs + SWEEP_NS, () => this.#sweepNow())
  }

  #sweepNow(): void {
    this.#sweep = undefined
    const nowNs = this.#options.clock.nowNs()
    let waiting = 0
    for (let slot = 0; slot < this.#dones.length; slot += 1) {
      const done = this.#dones[slot]
      if (done === undefined) continue
      waiting += 1
      if ((this.#deadlinesNs[slot] as number) > nowNs) continue
      this.#dones[slot] = undefined
      done(this.#kind.refuse('TIMED_OUT'))
    }
    while (this.#queued > 0) {
      const { done, deadlineNs } = this.#queue[this.#queueHead] as Waiting<Request, Result>
      if (deadlineNs > nowNs) break
      this.#dropQueueHead()
      done(this.#kind.refuse('TIMED_OUT'))
    }
    if (waiting + this.#queued > 0 && !this.#isClosed) this.#armSweep(nowNs)
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
