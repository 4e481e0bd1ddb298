import {
  readProducedFrame,
  readProduceFrame,
  writeProduce,
  writeProduced,
} from '../../contract/frames/produce-frame.ts'
import { WireWriter } from '../../contract/frames/wire-writer.ts'
import { readBatchHeader } from '../../contract/record-batch.ts'
import { decodeBatch } from '../../contract/record-batch-decode.ts'
import { BatchEncoder } from '../../contract/record-batch-encode.ts'
import { GroupId, LogIndex, NodeId, Offset, Term } from '../../contract/types.ts'
import { crc32c } from '../../os/crc32c.ts'
import type { Persist } from '../../replica/consensus/effects.ts'
import {
  decodeEntries,
  encodeFrame,
  frameBytesOf,
  frameMemory,
  isWholeFrame,
} from '../../replica/store/wal/frame.ts'
import { type MicroEngine, type MicroTask, repeated } from './micro-task.ts'

const REQUESTS_PER_FRAME = 64
const START = { segment: 1, byte: 0 }

const bytesOf = (count: number): Uint8Array => new Uint8Array(count).fill(7)

export function recordBatchEngine(): MicroEngine {
  const encoder = new BatchEncoder(crc32c)
  const sizes = [1, 10].map((count) => {
    const records = Array.from({ length: count }, () => ({ value: bytesOf(100) }))
    const batch = { records, timestampMs: 1_700_000_000_000 }
    return { count, batch, bytes: encoder.encode(batch) }
  })
  const tasks = sizes.flatMap(({ count, batch, bytes }) => [
    repeated(`encode ${count} × 100 B`, () => encoder.encode(batch)),
    repeated(`decode ${count} × 100 B`, () => decodeBatch(bytes, crc32c)),
    repeated(`header of ${count} × 100 B`, () => readBatchHeader(bytes)),
  ])
  return { tasks }
}

export function checksumEngine(): MicroEngine {
  const tasks = [100, 1_024, 65_536].map((count) => {
    const bytes = bytesOf(count)
    return repeated(`CRC-32C of ${count} B`, () => crc32c(bytes))
  })
  return { tasks }
}

export function walFramingEngine(): MicroEngine {
  return { tasks: [framing(1, 100), framing(10, 1_024)].flat() }
}

function framing(count: number, payloadBytes: number): MicroTask[] {
  const write: Persist = {
    id: 1,
    hardState: undefined,
    truncateFrom: undefined,
    entries: Array.from({ length: count }, (_, nth) => ({
      term: Term(1),
      index: LogIndex(nth + 1),
      kind: 'records',
      payload: bytesOf(payloadBytes),
    })),
  }
  const memory = frameMemory(frameBytesOf(write))
  const place = { position: START, synced: START, previousCrc: 0, kept: undefined }
  const encode = () => encodeFrame(memory, 0, write, place, crc32c)
  const decode = () =>
    isWholeFrame(memory.view, 0, START, crc32c) ? decodeEntries(memory.view, 0) : undefined
  encode()
  const what = `a frame of ${count} × ${payloadBytes} B`
  return [repeated(`encode ${what}`, encode), repeated(`check and decode ${what}`, decode)]
}

export function frameCodecEngine(): MicroEngine {
  const batch = new BatchEncoder(crc32c).encode({
    records: [{ value: bytesOf(100) }],
    timestampMs: 1_700_000_000_000,
  })
  const request = { partition: GroupId(3), acks: 'quorum', timeoutMs: 2_000, batch } as const
  const result = {
    code: 'OK',
    baseOffset: Offset(123_456_789),
    term: Term(5),
    index: LogIndex(123_456_999),
    leader: NodeId(1),
  } as const
  const requests = frameOf((writer, id) => writeProduce(writer, id, request))
  const results = frameOf((writer, id) => writeProduced(writer, id, result))
  const [encodeRequests, requestFrame] = [requests, requests()]
  const [encodeResults, resultFrame] = [results, results()]
  return {
    tasks: [
      framed('encode a request of 100 B', encodeRequests),
      framed('decode a request of 100 B', () => readProduceFrame(requestFrame)),
      framed('encode an answer', encodeResults),
      framed('decode an answer', () => readProducedFrame(resultFrame)),
    ],
  }
}

function frameOf(write: (writer: WireWriter, id: number) => void): () => Uint8Array {
  const writer = new WireWriter()
  return () => {
    for (let id = 1; id <= REQUESTS_PER_FRAME; id += 1) write(writer, id)
    return writer.take()
  }
}

/** One operation is one request or answer of a full frame. */
const framed = (name: string, operation: () => unknown): MicroTask => ({
  ...repeated(name, operation, 1),
  operations: REQUESTS_PER_FRAME,
})
