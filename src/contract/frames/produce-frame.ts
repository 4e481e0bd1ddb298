import { codeOfWire, codes } from '../codes.ts'
import type { ProduceRequest, ProduceResult } from '../log-client.ts'
import type { GroupId, LogIndex, NodeId, Offset, Term } from '../types.ts'
import { HELLO_TAG, type Hello, readHello } from './hello.ts'
import { type FrameFault, WireReader } from './wire-reader.ts'
import { BYTES, bytesBytes, numberBytes, tagOf, VARINT, type WireWriter } from './wire-writer.ts'

/** `id` is unique among the unanswered requests of its stream; the answer carries it. */
export type FramedProduce = ProduceRequest & { readonly id: number }
export type FramedProduced = ProduceResult & { readonly id: number }

export type ProduceFrame = {
  readonly hello: Hello | undefined
  readonly requests: readonly FramedProduce[]
}

const REQUESTS = tagOf(2, BYTES)
const RESULTS = tagOf(1, BYTES)
const ID = tagOf(1, VARINT)
const PARTITION = tagOf(2, VARINT)
const ACKS = tagOf(3, VARINT)
const TIMEOUT_MS = tagOf(4, VARINT)
const BATCH = tagOf(5, BYTES)
const CODE = tagOf(2, VARINT)
const BASE_OFFSET = tagOf(3, VARINT)
const TERM = tagOf(4, VARINT)
const INDEX = tagOf(5, VARINT)
const LEADER = tagOf(6, VARINT)

const ACKS_COUNT = 2
const NO_BYTES = new Uint8Array(0)

/** Appends one request to the ProduceFrame that is being written. */
export function writeProduce(writer: WireWriter, id: number, request: ProduceRequest): void {
  const { partition, timeoutMs, batch } = request
  const acks = request.acks === 'leader' ? 1 : 0
  writer.openMessage(
    REQUESTS,
    numberBytes(id) +
      numberBytes(partition) +
      numberBytes(acks) +
      numberBytes(timeoutMs) +
      bytesBytes(batch.length),
  )
  writer.putNumber(ID, id)
  writer.putNumber(PARTITION, partition)
  writer.putNumber(ACKS, acks)
  writer.putNumber(TIMEOUT_MS, timeoutMs)
  writer.putBytes(BATCH, batch)
}

/** Appends one answer to the ProducedFrame that is being written. */
export function writeProduced(writer: WireWriter, id: number, result: ProduceResult): void {
  const code = codes[result.code].wire
  const { baseOffset = 0, term, index = 0, leader = 0 } = result
  writer.openMessage(
    RESULTS,
    numberBytes(id) +
      numberBytes(code) +
      numberBytes(baseOffset) +
      numberBytes(term) +
      numberBytes(index) +
      numberBytes(leader),
  )
  writer.putNumber(ID, id)
  writer.putNumber(CODE, code)
  writer.putNumber(BASE_OFFSET, baseOffset)
  writer.putNumber(TERM, term)
  writer.putNumber(INDEX, index)
  writer.putNumber(LEADER, leader)
}

/** Batches are views of `bytes`. */
export function readProduceFrame(bytes: Uint8Array): ProduceFrame | FrameFault {
  const reader = new WireReader(bytes)
  const requests: FramedProduce[] = []
  let hello: Hello | undefined
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === REQUESTS) requests.push(readProduce(reader))
    else if (tag === HELLO_TAG) hello = readHello(reader, hello)
    else reader.skip(tag)
  }
  return reader.fault ?? { hello, requests }
}

export function readProducedFrame(bytes: Uint8Array): readonly FramedProduced[] | FrameFault {
  const reader = new WireReader(bytes)
  const results: FramedProduced[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === RESULTS) results.push(readProduced(reader))
    else reader.skip(tag)
  }
  return reader.fault ?? results
}

function readProduce(reader: WireReader): FramedProduce {
  let id = 0
  let partition = 0
  let acks = 0
  let timeoutMs = 0
  let batch = NO_BYTES
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === ID) id = reader.uint32()
    else if (tag === PARTITION) partition = reader.uint32()
    else if (tag === ACKS) acks = reader.enumBelow(ACKS_COUNT, 'acks')
    else if (tag === TIMEOUT_MS) timeoutMs = reader.uint32()
    else if (tag === BATCH) batch = reader.bytes() as Uint8Array<ArrayBuffer>
    else reader.skip(tag)
  }
  reader.leave(outer)
  return {
    id,
    partition: partition as GroupId,
    acks: acks === 1 ? 'leader' : 'quorum',
    timeoutMs,
    batch,
  }
}

function readProduced(reader: WireReader): FramedProduced {
  let id = 0
  let code = 0
  let baseOffset = 0
  let term = 0
  let index = 0
  let leader = 0
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === ID) id = reader.uint32()
    else if (tag === CODE) code = reader.uint32()
    else if (tag === BASE_OFFSET) baseOffset = reader.uint64()
    else if (tag === TERM) term = reader.uint64()
    else if (tag === INDEX) index = reader.uint64()
    else if (tag === LEADER) leader = reader.uint32()
    else reader.skip(tag)
  }
  reader.leave(outer)
  return {
    id,
    code: codeOfWire(code),
    baseOffset: code === 0 ? (baseOffset as Offset) : undefined,
    term: term as Term,
    index: unlessZero(index) as LogIndex | undefined,
    leader: unlessZero(leader) as NodeId | undefined,
  }
}

const unlessZero = (value: number): number | undefined => (value === 0 ? undefined : value)
