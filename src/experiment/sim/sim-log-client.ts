import type {
  FetchRequest,
  FetchResult,
  LogClient,
  ProduceRequest,
  ProduceResult,
} from '../../contract/log-client.ts'
import { Offset, Term } from '../../contract/types.ts'
import type { Replica } from '../../replica/engine/replica.ts'
import { eventKinds, type Happening, type SimEvent } from './event-heap.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimNode } from './sim-node.ts'
import type { World } from './world.ts'

/** How long a client waits for an answer before it gives the attempt up. */
const CLIENT_TIMEOUT_NS = 700_000_000

/** The node gives up before the client does, so that its answer is heard. */
const NODE_TIMEOUT_MS = 550

export type Route = {
  readonly world: World
  readonly network: SimNetwork
  readonly node: SimNode
}

/**
 * A connection from a client to one node. Requests keep their order, answers may be lost; and each
 * must be answered by the node at most once, never from within the call.
 */
export class SimConnection implements LogClient {
  readonly #route: Route
  #lastArrivalNs = 0

  constructor(route: Route) {
    this.#route = route
  }

  produce(request: ProduceRequest, done: (result: ProduceResult) => void): void {
    this.#send(new ProduceExchange(this.#route, request, done))
  }

  fetch(request: FetchRequest, done: (result: FetchResult) => void): void {
    this.#send(new FetchExchange(this.#route, request, done))
  }

  close(): void {}

  #send(exchange: { begin(arrivalNs: number): void }): void {
    const { world, network } = this.#route
    this.#lastArrivalNs = Math.max(this.#lastArrivalNs, world.nowNs + network.clientDelayNs())
    exchange.begin(this.#lastArrivalNs)
  }
}

/** One request and its answer. It is itself the event that the client gives up waiting. */
abstract class Exchange<Result extends ProduceResult | FetchResult> implements Happening {
  readonly #route: Route
  readonly #done: (result: Result) => void
  #timeout: SimEvent | undefined
  #isEnded = false
  /** The life of the node that has the request. */
  #life = 0
  #isReturned = false
  #answers = 0

  constructor(route: Route, done: (result: Result) => void) {
    this.#route = route
    this.#done = done
  }

  protected abstract submit(replica: Replica, answer: (result: Result) => void): void
  protected abstract lost(): Result
  protected abstract readonly name: string

  begin(arrivalNs: number): void {
    const { world, node } = this.#route
    const { client } = eventKinds
    this.#timeout = world.plan(world.nowNs + CLIENT_TIMEOUT_NS, client, 0, this)
    world.plan(arrivalNs, client, node.node, new Arrival(this))
  }

  happen(): void {
    this.end(this.lost())
  }

  end(result: Result): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#timeout?.cancel()
    this.#done(result)
  }

  arrive(): void {
    const { node } = this.#route
    if (node.replica === undefined) return
    this.#life = node.life
    this.submit(node.replica, (result) => this.#answered(result))
    this.#isReturned = true
  }

  #answered(result: Result): void {
    const { world, network, node } = this.#route
    if (node.life !== this.#life || !node.isUp) return
    this.#answers += 1
    if (this.#answers > 1)
      world.fail('one-answer', `node ${node.node} answered a ${this.name} twice`)
    if (!this.#isReturned)
      world.fail('one-answer', `node ${node.node} answered within a ${this.name} call`)
    const isLost = network.loseReply(node.node)
    if (world.trace !== undefined) {
      const lost = isLost ? ', lost' : ''
      world.note(() => `node ${node.node} answers ${this.name}: ${describe(result)}${lost}`)
    }
    if (!isLost) {
      const answer = new Answer(this, result)
      world.plan(world.nowNs + network.clientDelayNs(), eventKinds.client, 0, answer)
    }
  }
}

class Arrival implements Happening {
  readonly #exchange: { arrive(): void }

  constructor(exchange: { arrive(): void }) {
    this.#exchange = exchange
  }

  happen(): void {
    this.#exchange.arrive()
  }
}

class Answer<Result> implements Happening {
  readonly #exchange: { end(result: Result): void }
  readonly #result: Result

  constructor(exchange: { end(result: Result): void }, result: Result) {
    this.#exchange = exchange
    this.#result = result
  }

  happen(): void {
    this.#exchange.end(this.#result)
  }
}

class ProduceExchange extends Exchange<ProduceResult> {
  readonly #request: ProduceRequest
  protected readonly name = 'produce'

  constructor(route: Route, request: ProduceRequest, done: (result: ProduceResult) => void) {
    super(route, done)
    this.#request = request
  }

  protected submit(replica: Replica, answer: (result: ProduceResult) => void): void {
    replica.produce(this.#request, answer)
  }

  protected lost(): ProduceResult {
    const nothing = { baseOffset: undefined, term: Term(0), index: undefined, leader: undefined }
    return { code: 'CONNECTION_LOST', ...nothing }
  }
}

class FetchExchange extends Exchange<FetchResult> {
  readonly #request: FetchRequest
  protected readonly name = 'fetch'

  constructor(route: Route, request: FetchRequest, done: (result: FetchResult) => void) {
    super(route, done)
    this.#request = request
  }

  protected submit(replica: Replica, answer: (result: FetchResult) => void): void {
    replica.fetch(this.#request, answer)
  }

  protected lost(): FetchResult {
    const nothing = { logStartOffset: Offset(0), highWatermark: Offset(0), batches: [] }
    return { code: 'CONNECTION_LOST', ...nothing, leader: undefined }
  }
}

export const produceRequest = (batch: Uint8Array, partition: ProduceRequest['partition']) => ({
  partition,
  acks: 'quorum' as const,
  timeoutMs: NODE_TIMEOUT_MS,
  batch,
})

export const fetchRequest = (
  partition: FetchRequest['partition'],
  offset: number,
  consistency: FetchRequest['consistency'],
  bytesMax: number,
): FetchRequest => ({ partition, offset: Offset(offset), consistency, bytesMax, waitMsMax: 0 })

const describe = (result: ProduceResult | FetchResult): string =>
  'batches' in result
    ? `${result.code} ${result.batches.length} batches, high watermark ${result.highWatermark}`
    : `${result.code} at offset ${result.baseOffset}, entry ${result.term}/${result.index}`
