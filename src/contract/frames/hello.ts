import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { HelloSchema, PeerHelloSchema } from '../gen/raftmark_pb.ts'
import type { WireReader } from './wire-reader.ts'
import { BYTES, elementBytes, tagOf, type WireWriter } from './wire-writer.ts'

/** What a client says first on a stream. */
export type Hello = {
  readonly contract: number
  readonly runId: string
  /** Requests, and bytes of their batches, that it will have unanswered at most. */
  readonly windowRequests: number
  readonly windowBytes: number
}

/** What a node says first on a stream to a peer. */
export type PeerHello = {
  readonly contract: number
  readonly runId: string
  readonly from: number
  readonly to: number
}

export const HELLO_TAG = tagOf(1, BYTES)

/** Once a stream, so the generated code is fast enough. */
export function writeHello(writer: WireWriter, hello: Hello): void {
  putMessage(writer, toBinary(HelloSchema, { $typeName: 'raftmark.v1.Hello', ...hello }))
}

export function writePeerHello(writer: WireWriter, hello: PeerHello): void {
  putMessage(writer, toBinary(PeerHelloSchema, { $typeName: 'raftmark.v1.PeerHello', ...hello }))
}

export const readHello = (reader: WireReader, before: Hello | undefined): Hello | undefined =>
  read(reader, before, (bytes) => fromBinary(HelloSchema, bytes))

export const readPeerHello = (
  reader: WireReader,
  before: PeerHello | undefined,
): PeerHello | undefined => read(reader, before, (bytes) => fromBinary(PeerHelloSchema, bytes))

function putMessage(writer: WireWriter, bytes: Uint8Array): void {
  writer.reserve(elementBytes(bytes.length))
  writer.putElement(HELLO_TAG, bytes)
}

function read<T>(
  reader: WireReader,
  before: T | undefined,
  parse: (bytes: Uint8Array) => T,
): T | undefined {
  if (before !== undefined) reader.fail('two hellos in one frame')
  const bytes = reader.bytes()
  try {
    return parse(bytes)
  } catch {
    // The generated code throws at malformed bytes; here a malformed frame is a value.
    reader.fail('malformed hello')
    return undefined
  }
}
