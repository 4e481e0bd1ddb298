import { create } from '@bufbuild/protobuf'
import {
  Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials,
  status,
} from '@grpc/grpc-js'
import {
  type CountersReply,
  CountersRequestSchema,
  type GroupState,
  Node,
  Role,
  WatchRequestSchema,
} from '../../contract/gen/raftmark_pb.ts'
import { generatedService, grpcOptions } from '../../contract/services.ts'
import { wallClock } from '../../os/clock.ts'
import {
  type GroupView,
  NoAnswer,
  type NodeCounters,
  type NodeProbe,
  type OpenNodeProbe,
} from './node-probe.ts'

const methods = generatedService(Node, (bytes) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
)

/** The calls Watch and Counters of one node, over gRPC. */
export const openNodeProbe: OpenNodeProbe = ({ address }) => new GrpcNodeProbe(address)

class GrpcNodeProbe implements NodeProbe {
  readonly #client: Client
  readonly #watches = new Set<ClientReadableStream<GroupState>>()
  #isClosed = false

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), grpcOptions)
  }

  watch(onState: (state: GroupView) => void, onEnd: (reason: Error) => void): void {
    const { path, serialize, deserialize } = callNamed('Watch')
    const stream = this.#client.makeServerStreamRequest<unknown, GroupState>(
      path,
      serialize,
      deserialize<GroupState>,
      create(WatchRequestSchema),
    )
    let hasEnded = false
    const end = (reason: Error): void => {
      this.#watches.delete(stream)
      if (!hasEnded && !this.#isClosed) onEnd(reason)
      hasEnded = true
    }
    stream.on('data', (state: GroupState) => {
      if (!this.#isClosed) onState(viewOf(state))
    })
    stream.on('error', end)
    stream.on('end', () => end(new Error('the node ended the watch')))
    this.#watches.add(stream)
  }

  counters(timeoutMs: number): Promise<NodeCounters> {
    const { path, serialize, deserialize } = callNamed('Counters')
    return new Promise((resolve, reject) => {
      const call: ClientUnaryCall = this.#client.makeUnaryRequest<unknown, CountersReply>(
        path,
        serialize,
        deserialize<CountersReply>,
        create(CountersRequestSchema),
        { deadline: wallClock.nowMs() + timeoutMs },
        (error, reply) => {
          if (error?.code === status.DEADLINE_EXCEEDED) reject(new NoAnswer(error.details))
          else if (reply === undefined) reject(error ?? new Error(`${call.getPeer()} said nothing`))
          else resolve(numbersOf(reply))
        },
      )
    })
  }

  close(): void {
    this.#isClosed = true
    for (const watch of this.#watches) watch.cancel()
    this.#client.close()
  }
}

const roles = {
  [Role.FOLLOWER]: 'follower',
  [Role.PRE_CANDIDATE]: 'preCandidate',
  [Role.CANDIDATE]: 'candidate',
  [Role.LEADER]: 'leader',
} as const satisfies Record<Role, GroupView['role']>

const viewOf = (state: GroupState): GroupView => ({
  group: state.group,
  term: Number(state.term),
  role: roles[state.role] ?? 'follower',
  leader: state.leader === 0 ? undefined : state.leader,
  commitIndex: Number(state.commitIndex),
  appliedIndex: Number(state.appliedIndex),
  highWatermark: Number(state.highWatermark),
  ...(state.failure !== '' && { failure: state.failure }),
})

const numbersOf = (reply: CountersReply): NodeCounters => ({
  syncs: Number(reply.syncs),
  bytesWritten: Number(reply.bytesWritten),
  writes: Number(reply.writes),
  produced: Number(reply.produced),
  campaigns: Number(reply.campaigns),
  messagesSent: Number(reply.messagesSent),
  takes: Number(reply.takes),
  entriesPersisted: Number(reply.entriesPersisted),
  framesReceived: Number(reply.framesReceived),
  requestsReceived: Number(reply.requestsReceived),
  gcPauses: Number(reply.gcPauses),
  gcPauseMsTotal: reply.gcPauseMsTotal,
  gcPauseMsMax: reply.gcPauseMsMax,
  syncDelayMsP50: reply.syncDelayMsP50,
  linkDelayMsP50: reply.linkDelayMsP50,
})

type Call = {
  readonly path: string
  readonly serialize: (message: unknown) => Buffer
  readonly deserialize: <Reply>(bytes: Buffer) => Reply
}

function callNamed(name: 'Watch' | 'Counters'): Call {
  const method = methods[name]
  if (method === undefined) throw new Error(`the contract has no call ${name}`)
  return {
    path: method.path,
    serialize: method.requestSerialize as (message: unknown) => Buffer,
    deserialize: <Reply>(bytes: Buffer) => method.responseDeserialize(bytes) as Reply,
  }
}
