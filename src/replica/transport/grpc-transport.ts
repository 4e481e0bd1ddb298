import {
  type ServerDuplexStream,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import type { Clock } from '../../base/clock.ts'
import type { PeerHello } from '../../contract/frames/hello.ts'
import { readPeerFrame } from '../../contract/frames/peer-frame.ts'
import { isFrameFault } from '../../contract/frames/wire-reader.ts'
import { WireWriter } from '../../contract/frames/wire-writer.ts'
import { Peer } from '../../contract/gen/raftmark_pb.ts'
import { CONTRACT_VERSION } from '../../contract/node-config.ts'
import { rawService } from '../../contract/services.ts'
import type { GroupId, NodeId } from '../../contract/types.ts'
import type { Message } from '../consensus/message.ts'
import { isMessageFault, readMessage } from './message-codec.ts'
import { asBuffer, PeerLane } from './peer-lane.ts'
import { type Lane, laneOf, type Transport } from './transport.ts'

export type GrpcTransportOptions = {
  readonly clock: Clock
  /** Peers of another run are refused. */
  readonly runId: string
  readonly node: NodeId
  /** Where the other nodes listen, host:port. */
  readonly peers: ReadonlyMap<NodeId, string>
}

type Handler = (group: GroupId, message: Message) => void
type PeerStream = ServerDuplexStream<Uint8Array, Uint8Array>

const service = rawService(Peer, asBuffer)

/** Message streams between node processes: one per directed pair of nodes and lane. */
export class GrpcTransport implements Transport {
  readonly #options: GrpcTransportOptions
  readonly #lanes = new Map<NodeId, Readonly<Record<Lane, PeerLane>>>()
  #handler: Handler | undefined

  /** To be served by the node beside the rest of the contract. */
  readonly service = service as unknown as ServiceDefinition
  readonly handlers: UntypedServiceImplementation

  constructor(options: GrpcTransportOptions) {
    this.#options = options
    const accept = (stream: PeerStream): void => this.#accept(stream)
    this.handlers = { Control: accept, Append: accept }
    for (const [peer, address] of options.peers) {
      this.#lanes.set(peer, {
        control: this.#laneTo(peer, address, 'Control'),
        append: this.#laneTo(peer, address, 'Append'),
      })
    }
  }

  send(group: GroupId, message: Message): void {
    this.#lanes.get(message.to)?.[laneOf(message)].send(group, message)
  }

  receive(handler: Handler): void {
    this.#handler = handler
  }

  close(): void {
    this.#handler = undefined
    for (const { control, append } of this.#lanes.values()) {
      control.close()
      append.close()
    }
  }

  /** Messages lost because a peer was away or slow. */
  get dropped(): number {
    let sum = 0
    for (const { control, append } of this.#lanes.values()) sum += control.dropped + append.dropped
    return sum
  }

  #laneTo(peer: NodeId, address: string, method: 'Control' | 'Append'): PeerLane {
    const { clock, runId, node } = this.#options
    const hello = { contract: CONTRACT_VERSION, runId, from: node, to: peer }
    const path = service[method]?.path ?? ''
    return new PeerLane({ clock, address, path, hello })
  }

  #accept(stream: PeerStream): void {
    let peer: PeerHello | undefined
    const refuse = (code: status, details: string): void => {
      stream.removeAllListeners('data')
      stream.resume()
      stream.emit('error', { code, details })
    }
    stream.on('data', (bytes: Uint8Array) => {
      const frame = readPeerFrame(bytes)
      if (isFrameFault(frame)) {
        refuse(status.INVALID_ARGUMENT, `PeerFrame: ${frame.fault} at byte ${frame.byte}`)
        return
      }
      if (peer === undefined) {
        const wrong = this.#faultOf(frame.hello)
        if (wrong !== undefined) {
          refuse(status.FAILED_PRECONDITION, wrong)
          return
        }
        peer = frame.hello
        stream.write(new WireWriter().take()) // an empty frame: you are heard
      }
      for (const { group, payload } of frame.messages) {
        const message = readMessage(payload)
        if (isMessageFault(message)) {
          refuse(status.INVALID_ARGUMENT, `message: ${message.fault} at byte ${message.byte}`)
          return
        }
        this.#handler?.(group, message)
      }
    })
    stream.on('error', () => undefined) // a peer that vanished comes back with a new stream
    stream.on('end', () => stream.end())
  }

  #faultOf(hello: PeerHello | undefined): string | undefined {
    if (hello === undefined) return 'the first frame has no hello'
    const { runId, node } = this.#options
    if (hello.contract !== CONTRACT_VERSION) return `contract ${hello.contract} is not spoken here`
    if (hello.runId !== runId) return `this node belongs to run ${runId}, not ${hello.runId}`
    return hello.to === node ? undefined : `this is node ${node}, not ${hello.to}`
  }
}
