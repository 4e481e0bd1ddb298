import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js'
import type { Clock, Timer } from '../../base/clock.ts'
import { FrameOutbox } from '../../contract/frames/frame-outbox.ts'
import { type PeerHello, writePeerHello } from '../../contract/frames/hello.ts'
import { openPeerMessage } from '../../contract/frames/peer-frame.ts'
import { WireWriter } from '../../contract/frames/wire-writer.ts'
import { grpcOptions } from '../../contract/services.ts'
import type { GroupId } from '../../contract/types.ts'
import type { Message } from '../consensus/message.ts'
import { messageBytes, writeMessage } from './message-codec.ts'

/** What may wait for a slow or absent peer; beyond it new messages are lost, and Raft repeats. */
const UNSENT_BYTES_MAX = 8 * 1024 * 1024
const REOPEN_BACKOFF_NS = 20_000_000
const REOPEN_BACKOFF_NS_MAX = 500_000_000

export type PeerLaneOptions = {
  readonly clock: Clock
  readonly address: string
  /** `/raftmark.v1.Peer/Control` or `/raftmark.v1.Peer/Append`. */
  readonly path: string
  readonly hello: PeerHello
}

type Stream = ClientDuplexStream<Uint8Array, Uint8Array>

/** One direction of one lane to one peer: a stream that is opened again when it ends. */
export class PeerLane {
  readonly #options: PeerLaneOptions
  readonly #client: Client
  readonly #outbox: FrameOutbox
  #stream: Stream | undefined
  #unsentBytes = 0
  #backoffNs = REOPEN_BACKOFF_NS
  #reopen: Timer | undefined
  #isClosed = false
  /** Messages that were not even tried, since the peer was away or slow. */
  dropped = 0

  constructor(options: PeerLaneOptions) {
    this.#options = options
    // A connection of its own: on a shared one a heartbeat would wait behind an append.
    this.#client = new Client(options.address, credentials.createInsecure(), grpcOptions)
    this.#outbox = new FrameOutbox(options.clock, (frame) => this.#write(frame))
    this.#open()
  }

  send(group: GroupId, message: Message): void {
    const bytes = messageBytes(message)
    if (this.#stream === undefined || this.#unsentBytes + bytes > UNSENT_BYTES_MAX) {
      this.dropped += 1
      return
    }
    const writer = this.#outbox.roomFor(bytes)
    writeMessage(openPeerMessage(writer, group, bytes), message)
  }

  close(): void {
    this.#isClosed = true
    this.#reopen?.cancel()
    this.#stream?.cancel()
    this.#stream = undefined
    this.#client.close()
  }

  #open(): void {
    this.#reopen = undefined
    const metadata = new Metadata({ waitForReady: true })
    const stream: Stream = this.#client.makeBidiStreamRequest(
      this.#options.path,
      asBuffer,
      (bytes) => bytes,
      metadata,
    )
    stream.on('data', () => {
      // The peer is heard: the next break is a new one. (It sends one frame, after our hello.)
      this.#backoffNs = REOPEN_BACKOFF_NS
    })
    stream.on('error', () => undefined) // 'status' follows, and says the same
    stream.on('status', () => this.#ended(stream))
    this.#stream = stream
    this.#unsentBytes = 0
    const writer = new WireWriter()
    writePeerHello(writer, this.#options.hello)
    this.#write(writer.take())
  }

  #ended(stream: Stream): void {
    if (this.#stream !== stream || this.#isClosed) return
    this.#stream = undefined
    const { clock } = this.#options
    this.#reopen = clock.wakeAt(clock.nowNs() + this.#backoffNs, () => this.#open())
    this.#backoffNs = Math.min(2 * this.#backoffNs, REOPEN_BACKOFF_NS_MAX)
  }

  #write(frame: Uint8Array): void {
    const stream = this.#stream
    if (stream === undefined) return
    this.#unsentBytes += frame.length
    stream.write(frame, () => {
      if (this.#stream === stream) this.#unsentBytes -= frame.length
    })
  }
}

export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
