import type { GroupId } from '../types.ts'
import { HELLO_TAG, type PeerHello, readPeerHello } from './hello.ts'
import { type FrameFault, WireReader } from './wire-reader.ts'
import { BYTES, bytesBytes, numberBytes, tagOf, VARINT, type WireWriter } from './wire-writer.ts'

/** One message of a Raft library, in its own encoding. */
export type FramedPeerMessage = { readonly group: GroupId; readonly payload: Uint8Array }

export type PeerFrame = {
  readonly hello: PeerHello | undefined
  readonly messages: readonly FramedPeerMessage[]
}

const MESSAGES = tagOf(2, BYTES)
const GROUP = tagOf(1, VARINT)
const PAYLOAD = tagOf(2, BYTES)
const NO_BYTES = new Uint8Array(0)

/**
 * Appends one message to the PeerFrame that is being written and returns where its payload, of
 * `payloadBytes` ≥ 1 bytes, must be put at once.
 */
export function openPeerMessage(
  writer: WireWriter,
  group: GroupId,
  payloadBytes: number,
): Uint8Array {
  writer.openMessage(MESSAGES, numberBytes(group) + bytesBytes(payloadBytes))
  writer.putNumber(GROUP, group)
  return writer.openBytes(PAYLOAD, payloadBytes)
}

/** Payloads are views of `bytes`. */
export function readPeerFrame(bytes: Uint8Array): PeerFrame | FrameFault {
  const reader = new WireReader(bytes)
  const messages: FramedPeerMessage[] = []
  let hello: PeerHello | undefined
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === MESSAGES) messages.push(readPeerMessage(reader))
    else if (tag === HELLO_TAG) hello = readPeerHello(reader, hello)
    else reader.skip(tag)
  }
  return reader.fault ?? { hello, messages }
}

function readPeerMessage(reader: WireReader): FramedPeerMessage {
  let group = 0
  let payload = NO_BYTES
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === GROUP) group = reader.uint32()
    else if (tag === PAYLOAD) payload = reader.bytes() as Uint8Array<ArrayBuffer>
    else reader.skip(tag)
  }
  reader.leave(outer)
  return { group: group as GroupId, payload }
}
