import {
  type MethodDefinition,
  type sendUnaryData,
  type Server,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js'
import { code, Log, type Outcome } from './log.ts'
import { type Message, message, readFields, readMessage, varint } from './wire.ts'

export const CONTRACT = 1

/** What the harness tells a node; see handshake.md for the keys that are not used yet. */
export type Config = {
  readonly contract: number
  readonly runId: string
  readonly node: number
  readonly listen: string
  readonly nodes: readonly { readonly node: number; readonly address: string }[]
  readonly groups: readonly number[]
  readonly firstLeader: number
  readonly batchBytesMax: number
}

type Stream = ServerDuplexStream<Buffer, Buffer>
type Unary = (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => void

/** Adds the services of the contract to a server. */
export function serveContract(server: Server, config: Config): void {
  const node = new Node(config)
  const unsupported: Unary = (_, done) =>
    done({ code: status.UNIMPLEMENTED, details: 'UNSUPPORTED: not offered by this node' })
  const later = ['ReadBack', 'SetFaults', 'Transfer', 'ChangeMembers', 'Snapshot']
  server.addService(
    { Produce: method('Log/Produce', true, true), Fetch: method('Log/Fetch', true, true) },
    {
      Produce: (stream: Stream) => node.produce(stream),
      Fetch: (stream: Stream) => node.fetch(stream),
    },
  )
  server.addService(
    {
      Watch: method('Node/Watch', false, true),
      Counters: method('Node/Counters', false, false),
      ...Object.fromEntries(later.map((name) => [name, method(`Node/${name}`, false, false)])),
    },
    {
      Watch: (call: ServerWritableStream<Buffer, Buffer>) => node.watch(call),
      Counters: ((_, done) => done(null, node.counters())) satisfies Unary,
      ...Object.fromEntries(later.map((name) => [name, unsupported])),
    },
  )
}

class Node {
  readonly #config: Config
  readonly #logs: ReadonlyMap<number, Log>
  #frames = 0
  #requests = 0
  #produced = 0

  constructor(config: Config) {
    this.#config = config
    this.#logs = new Map(config.groups.map((group) => [group, new Log()]))
  }

  produce(stream: Stream): void {
    let queued: Buffer[] = []
    this.#serve(stream, async (request, settled) => {
      const answer = await this.#produceOne(request)
      settled()
      queued.push(answer)
      // All that one burst brings goes into one frame.
      if (queued.length > 1) return
      queueMicrotask(() => {
        const results = queued.map((result) => [1, result] as const)
        queued = []
        stream.write(message(...results))
      })
    })
  }

  fetch(stream: Stream): void {
    this.#serve(stream, async (request, settled) => {
      const answer = await this.#fetchOne(request)
      settled()
      stream.write(message([1, answer]))
    })
  }

  watch(call: ServerWritableStream<Buffer, Buffer>): void {
    const { nodes, firstLeader } = this.#config
    const members = Buffer.concat(nodes.map(({ node }) => varint(node)))
    for (const [group, log] of this.#logs) {
      const role = this.#leads ? 3 : 0
      const index = log.lastIndex + 1
      const state = [[1, group], [2, 1], [3, role], [4, firstLeader], [5, members]] as const
      call.write(message(...state, [6, index], [7, index], [8, log.end]))
    }
    // Without a Raft nothing ever changes: the harness ends the call.
  }

  counters(): Buffer {
    return message([4, this.#produced], [9, this.#frames], [10, this.#requests])
  }

  get #leads(): boolean {
    return this.#config.node === this.#config.firstLeader
  }

  /** Reads frames, makes the checks that every stream needs, and hands on each request. */
  #serve(stream: Stream, take: (request: Message, settled: () => void) => Promise<void>): void {
    let allowed: Message | undefined
    let unanswered = 0
    let bytes = 0
    let isOpen = true
    const end = (code: status, details: string): void => {
      isOpen = false
      stream.emit('error', { code, details })
    }
    stream.on('error', () => {
      isOpen = false
    })
    stream.on('end', () => stream.end())
    stream.on('data', (frame: Buffer) => {
      if (!isOpen) return
      let hello: Message | undefined
      const requests: Message[] = []
      try {
        readFields(frame, (field, value) => {
          if (typeof value === 'number') return
          if (field === 1) hello = readMessage(value)
          else if (field === 2) requests.push(readMessage(value))
        })
      } catch (error) {
        return end(status.INVALID_ARGUMENT, String(error))
      }
      if (allowed === undefined) {
        allowed = hello
        const isOurs = allowed?.bytes.get(2)?.toString() === this.#config.runId
        if (allowed === undefined || !isOurs || allowed.numbers.get(1) !== CONTRACT) {
          const details = `this node serves contract ${CONTRACT} in run ${this.#config.runId}`
          return end(status.FAILED_PRECONDITION, details)
        }
      }
      this.#frames += 1
      this.#requests += requests.length
      for (const request of requests) {
        const size = request.bytes.get(5)?.length ?? 0
        unanswered += 1
        bytes += size
        const { numbers } = allowed
        if (unanswered > (numbers.get(3) ?? 0) || bytes > (numbers.get(4) ?? 0)) {
          return end(status.RESOURCE_EXHAUSTED, 'window overrun')
        }
        void take(request, () => {
          unanswered -= 1
          bytes -= size
        })
      }
    })
  }

  async #produceOne({ numbers, bytes }: Message): Promise<Buffer> {
    const outcome = await this.#outcomeOf(numbers.get(2) ?? 0, bytes.get(5) ?? Buffer.alloc(0))
    return message(
      [1, numbers.get(1) ?? 0],
      [2, outcome.code],
      [3, outcome.baseOffset],
      [4, outcome.term],
      [5, outcome.index],
      [6, this.#config.firstLeader],
    )
  }

  async #outcomeOf(partition: number, batch: Buffer): Promise<Outcome> {
    const refused = { baseOffset: 0, term: 1, index: 0 }
    const log = this.#logs.get(partition)
    if (log === undefined) return { ...refused, code: code.UNKNOWN_PARTITION }
    if (batch.length > this.#config.batchBytesMax) return { ...refused, code: code.BATCH_TOO_LARGE }
    if (!this.#leads) return { ...refused, code: code.NOT_LEADER }
    this.#produced += 1
    return log.propose(batch)
  }

  async #fetchOne({ numbers }: Message): Promise<Buffer> {
    const id = numbers.get(1) ?? 0
    const log = this.#logs.get(numbers.get(2) ?? 0)
    if (log === undefined) return message([1, id], [2, code.UNKNOWN_PARTITION])
    const offset = numbers.get(3) ?? 0
    const waitMs = numbers.get(6) ?? 0
    if (offset === log.end && waitMs > 0) await log.grown(waitMs)
    const found = log.read(offset, numbers.get(5) ?? 0)
    return message(
      [1, id],
      [2, offset > log.end ? code.OFFSET_OUT_OF_RANGE : code.OK],
      [4, log.end],
      ...found.map((batch) => [5, batch] as const),
      [6, this.#config.firstLeader],
    )
  }
}

function method(
  path: string,
  requestStream: boolean,
  responseStream: boolean,
): MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer): Buffer => bytes
  return {
    path: `/raftmark.v1.${path}`,
    requestStream,
    responseStream,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  }
}
