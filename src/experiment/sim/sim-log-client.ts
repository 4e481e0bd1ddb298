import type {
  FetchRequest,
  FetchResult,
  LogClient,
  ProduceRequest,
  ProduceResult,
} from '../../contract/log-client.ts'
import { Offset, Term } from '../../contract/types.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimNode } from './sim-node.ts'
import type { World } from './world.ts'

/** How long a client waits for an answer before it gives the attempt up. */
const CLIENT_TIMEOUT_NS = 700_000_000

/** The node gives up before the client does, so that its answer is heard. */
const NODE_TIMEOUT_MS = 550

type Route = { readonly world: World; readonly network: SimNetwork; readonly node: SimNode }

/**
 * A connection from a client to one node. Requests keep their order, answers may be lost; and each
 * must be answered by the node at most once, never from within the call.
 */
export function connectClient(route: Route): LogClient {
  let lastArrivalNs = 0

  const ask = <Result extends ProduceResult | FetchResult>(
    name: string,
    call: (done: (result: Result) => void) => void,
    lost: Result,
    done: (result: Result) => void,
  ): void => {
    const { world, network, node } = route
    let isEnded = false
    const end = (result: Result): void => {
      if (isEnded) return
      isEnded = true
      timeout.call = undefined
      done(result)
    }
    const timeout = world.schedule(world.nowNs + CLIENT_TIMEOUT_NS, 'client', 0, () => end(lost))
    lastArrivalNs = Math.max(lastArrivalNs, world.nowNs + network.clientDelayNs())
    world.schedule(lastArrivalNs, 'client', node.node, () => {
      if (node.replica === undefined) return
      const { answer, returned } = answers(route, name, end)
      call(answer)
      returned()
    })
  }

  return {
    produce: (request, done) =>
      ask('produce', (end) => route.node.replica?.produce(request, end), lostProduce(), done),
    fetch: (request, done) =>
      ask('fetch', (end) => route.node.replica?.fetch(request, end), lostFetch(), done),
    close: () => {},
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

/** Wraps what the node calls: once, after the call returned, while its process lives. */
function answers<Result extends ProduceResult | FetchResult>(
  { world, network, node }: Route,
  name: string,
  end: (result: Result) => void,
): { readonly answer: (result: Result) => void; readonly returned: () => void } {
  const { life } = node
  let count = 0
  let isReturned = false
  const answer = (result: Result): void => {
    if (node.life !== life || !node.isUp) return
    count += 1
    if (count > 1) world.fail('one-answer', `node ${node.node} answered a ${name} twice`)
    if (!isReturned) world.fail('one-answer', `node ${node.node} answered within a ${name} call`)
    const isLost = network.loseReply(node.node)
    world.note(
      () => `node ${node.node} answers ${name}: ${describe(result)}${isLost ? ', lost' : ''}`,
    )
    if (isLost) return
    world.schedule(world.nowNs + network.clientDelayNs(), 'client', 0, () => end(result))
  }
  return {
    answer,
    returned: () => {
      isReturned = true
    },
  }
}

const describe = (result: ProduceResult | FetchResult): string =>
  'batches' in result
    ? `${result.code} ${result.batches.length} batches, high watermark ${result.highWatermark}`
    : `${result.code} at offset ${result.baseOffset}, entry ${result.term}/${result.index}`

const lostProduce = (): ProduceResult => ({
  code: 'CONNECTION_LOST',
  baseOffset: undefined,
  term: Term(0),
  index: undefined,
  leader: undefined,
})

const lostFetch = (): FetchResult => ({
  code: 'CONNECTION_LOST',
  logStartOffset: Offset(0),
  highWatermark: Offset(0),
  batches: [],
  leader: undefined,
})
