import { create } from '@bufbuild/protobuf'
import { Client, type ClientReadableStream, credentials } from '@grpc/grpc-js'
import {
  type CountersReply,
  CountersRequestSchema,
  type GroupState,
  Node,
  WatchRequestSchema,
} from '../../contract/gen/raftmark_pb.ts'
import { generatedService, grpcOptions } from '../../contract/services.ts'

/** How long a node may take to say its counters. */
export const COUNTERS_MS_MAX = 5_000

const methods = generatedService(Node, (bytes) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
)

/** What the harness asks one node beside records. Values are those of the generated code. */
export class NodeClient {
  readonly #client: Client

  /** `address` is host:port. Connects with the first call. */
  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), grpcOptions)
  }

  /** Rejects with gRPC's `ServiceError` when the node is away or silent for `COUNTERS_MS_MAX`. */
  counters(): Promise<CountersReply> {
    return this.call('Counters', create(CountersRequestSchema))
  }

  /** Any unary call, by its name in the protocol file. */
  call<Reply>(method: string, request: unknown): Promise<Reply> {
    const { path, requestSerialize, responseDeserialize } = methodNamed(method)
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest<unknown, Reply>(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline: deadlineIn(COUNTERS_MS_MAX) },
        (error, reply) => (error === null ? resolve(reply as Reply) : reject(error)),
      )
    })
  }

  /**
   * Calls `tell` with the state of every group, then with each change, until the returned call or
   * until the stream ends; then `ended` is called once, with why, if nobody asked for it.
   */
  watch(tell: (state: GroupState) => void, ended: (reason: Error) => void): () => void {
    const { path, requestSerialize, responseDeserialize } = methodNamed('Watch')
    const stream: ClientReadableStream<GroupState> = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      create(WatchRequestSchema),
    )
    let isWanted = true
    const end = (reason: Error): void => {
      if (isWanted) ended(reason)
      isWanted = false
    }
    stream.on('data', (state: GroupState) => {
      if (isWanted) tell(state)
    })
    stream.on('error', end)
    stream.on('end', () => end(new Error('the node ended the watch')))
    return () => {
      isWanted = false
      stream.cancel()
    }
  }

  close(): void {
    this.#client.close()
  }
}

type Method = {
  readonly path: string
  readonly requestSerialize: (value: unknown) => Buffer
  readonly responseDeserialize: <T>(bytes: Buffer) => T
}

function methodNamed(name: string): Method {
  const method = methods[name]
  if (method === undefined) throw new Error(`the contract has no call ${name}`)
  return method as unknown as Method
}
