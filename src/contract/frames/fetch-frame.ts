import { codeOfWire, codes } from '../codes.ts'
import type { FetchConsistency, FetchRequest, FetchResult } from '../log-client.ts'
import type { GroupId, NodeId, Offset } from '../types.ts'
import { HELLO_TAG, type Hello, readHello } from './hello.ts'
import { type FrameFault, WireReader } from './wire-reader.ts'
import { BYTES, elementBytes, numberBytes, tagOf, VARINT, type WireWriter } from './wire-writer.ts'

export type FramedFetch = FetchRequest & { readonly id: number }
export type FramedFetched = FetchResult & { readonly id: number }

export type FetchFrame = {
  readonly hello: Hello | undefined
  readonly requests: readonly FramedFetch[]
}

const REQUESTS = tagOf(2, BYTES)
const RESULTS = tagOf(1, BYTES)
const ID = tagOf(1, VARINT)
const PARTITION = tagOf(2, VARINT)
const OFFSET = tagOf(3, VARINT)
const CONSISTENCY = tagOf(4, VARINT)
const BYTES_MAX = tagOf(5, VARINT)
const WAIT_MS_MAX = tagOf(6, VARINT)
const CODE = tagOf(2, VARINT)
const LOG_START_OFFSET = tagOf(3, VARINT)
const HIGH_WATERMARK = tagOf(4, VARINT)
const BATCHES = tagOf(5, BYTES)
const LEADER = tagOf(6, VARINT)

/** Index is the number on the wire. */
const consistencies: readonly FetchConsistency[] = ['linearizable', 'lease', 'committed']

/** Appends one request to the FetchFrame that is being written. */
export function writeFetch(writer: WireWriter, id: number, request: FetchRequest): void {
  const { partition, offset, bytesMax, waitMsMax } = request
  const consistency = consistencies.indexOf(request.consistency)
  writer.openMessage(
    REQUESTS,
    numberBytes(id) +
      numberBytes(partition) +
      numberBytes(offset) +
      numberBytes(consistency) +
      numberBytes(bytesMax) +
      numberBytes(waitMsMax),
  )
  writer.putNumber(ID, id)
  writer.putNumber(PARTITION, partition)
  writer.putNumber(OFFSET, offset)
  writer.putNumber(CONSISTENCY, consistency)
  writer.putNumber(BYTES_MAX, bytesMax)
  writer.putNumber(WAIT_MS_MAX, waitMsMax)
}

/** Appends one answer to the FetchedFrame that is being written. */
export function writeFetched(writer: WireWriter, id: number, result: FetchResult): void {
  const code = codes[result.code].wire
  const { logStartOffset, highWatermark, batches, leader = 0 } = result
  let batchesBytes = 0
  for (const batch of batches) batchesBytes += elementBytes(batch.length)
  writer.openMessage(
    RESULTS,
    numberBytes(id) +
      numberBytes(code) +
      numberBytes(logStartOffset) +
      numberBytes(highWatermark) +
      batchesBytes +
      numberBytes(leader),
  )
  writer.putNumber(ID, id)
  writer.putNumber(CODE, code)
  writer.putNumber(LOG_START_OFFSET, logStartOffset)
  writer.putNumber(HIGH_WATERMARK, highWatermark)
  for (const batch of batches) writer.putElement(BATCHES, batch)
  writer.putNumber(LEADER, leader)
}

export function readFetchFrame(bytes: Uint8Array): FetchFrame | FrameFault {
  const reader = new WireReader(bytes)
  const requests: FramedFetch[] = []
  let hello: Hello | undefined
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === REQUESTS) requests.push(readFetch(reader))
    else if (tag === HELLO_TAG) hello = readHello(reader, hello)
    else reader.skip(tag)
  }
  return reader.fault ?? { hello, requests }
}

/** Batches are views of `bytes`. */
export function readFetchedFrame(bytes: Uint8Array): readonly FramedFetched[] | FrameFault {
  const reader = new WireReader(bytes)
  const results: FramedFetched[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === RESULTS) results.push(readFetched(reader))
    else reader.skip(tag)
  }
  return reader.fault ?? results
}

function readFetch(reader: WireReader): FramedFetch {
  let id = 0
  let partition = 0
  let offset = 0
  let consistency = 0
  let bytesMax = 0
  let waitMsMax = 0
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === ID) id = reader.uint32()
    else if (tag === PARTITION) partition = reader.uint32()
    else if (tag === OFFSET) offset = reader.uint64()
    else if (tag === CONSISTENCY)
      consistency = reader.enumBelow(consistencies.length, 'consistency')
    else if (tag === BYTES_MAX) bytesMax = reader.uint32()
    else if (tag === WAIT_MS_MAX) waitMsMax = reader.uint32()
    else reader.skip(tag)
  }
  reader.leave(outer)
  return {
    id,
    partition: partition as GroupId,
    offset: offset as Offset,
    consistency: consistencies[consistency] ?? 'linearizable',
    bytesMax,
    waitMsMax,
  }
}

function readFetched(reader: WireReader): FramedFetched {
  let id = 0
  let code = 0
  let logStartOffset = 0
  let highWatermark = 0
  const batches: Uint8Array[] = []
  let leader = 0
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === ID) id = reader.uint32()
    else if (tag === CODE) code = reader.uint32()
    else if (tag === LOG_START_OFFSET) logStartOffset = reader.uint64()
    else if (tag === HIGH_WATERMARK) highWatermark = reader.uint64()
    else if (tag === BATCHES) batches.push(reader.bytes())
    else if (tag === LEADER) leader = reader.uint32()
    else reader.skip(tag)
  }
  reader.leave(outer)
  return {
    id,
    code: codeOfWire(code),
    logStartOffset: logStartOffset as Offset,
    highWatermark: highWatermark as Offset,
    batches,
    leader: leader === 0 ? undefined : (leader as NodeId),
  }
}
