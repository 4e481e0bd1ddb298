import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Code, codes } from '../codes.ts'
import {
  FetchedFrameSchema,
  FetchFrameSchema,
  PeerFrameSchema,
  ProducedFrameSchema,
  ProduceFrameSchema,
} from '../gen/raftmark_pb.ts'
import type { GroupId, LogIndex, NodeId, Offset, Term } from '../types.ts'
import {
  type FetchFrame,
  type FramedFetched,
  readFetchedFrame,
  readFetchFrame,
  writeFetch,
  writeFetched,
} from './fetch-frame.ts'
import { writeHello, writePeerHello } from './hello.ts'
import { openPeerMessage, type PeerFrame, readPeerFrame } from './peer-frame.ts'
import {
  type FramedProduced,
  type ProduceFrame,
  readProducedFrame,
  readProduceFrame,
  writeProduce,
  writeProduced,
} from './produce-frame.ts'
import { isFrameFault } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

const uint32 = fc.oneof(fc.nat(), fc.constantFrom(0, 1, 127, 128, 16383, 16384, 2 ** 32 - 1))
const uint64 = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.constantFrom(0, 2 ** 32, 2 ** 35 - 1, 2 ** 42),
)
const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constant(new Uint8Array(2000)))
const optional = (number: fc.Arbitrary<number>) =>
  number.map((value) => (value === 0 ? undefined : value))
const group = uint32 as fc.Arbitrary<GroupId>
const leader = optional(uint32) as fc.Arbitrary<NodeId | undefined>
const code = fc.constantFrom(...(Object.keys(codes) as Code[]))
const hello = fc.option(
  fc.record({ contract: uint32, runId: fc.string(), windowRequests: uint32, windowBytes: uint32 }),
  { nil: undefined },
)

const produceFrames: fc.Arbitrary<ProduceFrame> = fc.record({
  hello,
  requests: fc.array(
    fc.record({
      id: uint32,
      partition: group,
      acks: fc.constantFrom('leader', 'quorum'),
      timeoutMs: uint32,
      batch: bytes,
    }),
  ),
})
const produced: fc.Arbitrary<FramedProduced> = fc
  .record({
    id: uint32,
    code,
    baseOffset: uint64 as fc.Arbitrary<Offset>,
    term: uint64 as fc.Arbitrary<Term>,
    index: optional(uint64) as fc.Arbitrary<LogIndex | undefined>,
    leader,
  })
  .map((result) => ({
    ...result,
    baseOffset: result.code === 'OK' ? result.baseOffset : undefined,
  }))
const fetchFrames: fc.Arbitrary<FetchFrame> = fc.record({
  hello,
  requests: fc.array(
    fc.record({
      id: uint32,
      partition: group,
      offset: uint64 as fc.Arbitrary<Offset>,
      consistency: fc.constantFrom('linearizable', 'lease', 'committed'),
      bytesMax: uint32,
      waitMsMax: uint32,
    }),
  ),
})
const fetched: fc.Arbitrary<FramedFetched> = fc.record({
  id: uint32,
  code,
  logStartOffset: uint64 as fc.Arbitrary<Offset>,
  highWatermark: uint64 as fc.Arbitrary<Offset>,
  batches: fc.array(bytes, { maxLength: 5 }),
  leader,
})
const peerFrames: fc.Arbitrary<PeerFrame> = fc.record({
  hello: fc.option(fc.record({ contract: uint32, runId: fc.string(), from: uint32, to: uint32 }), {
    nil: undefined,
  }),
  messages: fc.array(fc.record({ group, payload: fc.uint8Array({ minLength: 1 }) })),
})

const written = (write: (writer: WireWriter) => void): Uint8Array => {
  const writer = new WireWriter()
  write(writer)
  return writer.take()
}

const encodeProduce = (frame: ProduceFrame) =>
  written((writer) => {
    if (frame.hello !== undefined) writeHello(writer, frame.hello)
    for (const request of frame.requests) writeProduce(writer, request.id, request)
  })
const encodeProduced = (results: readonly FramedProduced[]) =>
  written((writer) => {
    for (const result of results) writeProduced(writer, result.id, result)
  })
const encodeFetch = (frame: FetchFrame) =>
  written((writer) => {
    if (frame.hello !== undefined) writeHello(writer, frame.hello)
    for (const request of frame.requests) writeFetch(writer, request.id, request)
  })
const encodeFetched = (results: readonly FramedFetched[]) =>
  written((writer) => {
    for (const result of results) writeFetched(writer, result.id, result)
  })
const encodePeer = (frame: PeerFrame) =>
  written((writer) => {
    if (frame.hello !== undefined) writePeerHello(writer, frame.hello)
    for (const message of frame.messages) {
      openPeerMessage(writer, message.group, message.payload.length).set(message.payload)
    }
  })

const maybeHello = <T>(value: T | undefined) => (value === undefined ? {} : { hello: value })
const generated = <D extends DescMessage>(schema: D, init: MessageInitShape<D>) =>
  toBinary(schema, create(schema, init))

describe('what is written equals the generated code byte for byte, and reads back', () => {
  test('ProduceFrame', () => {
    fc.assert(
      fc.property(produceFrames, (frame) => {
        const encoded = encodeProduce(frame)

        const theirs = generated(ProduceFrameSchema, {
          ...maybeHello(frame.hello),
          requests: frame.requests.map((request) => ({
            ...request,
            acks: request.acks === 'leader' ? 1 : 0,
          })),
        })
        expect(Buffer.compare(encoded, theirs)).toBe(0)
        expect(withoutTypes(readProduceFrame(encoded))).toEqual(frame)
      }),
    )
  })

  test('ProducedFrame', () => {
    fc.assert(
      fc.property(fc.array(produced), (results) => {
        const encoded = encodeProduced(results)

        const theirs = generated(ProducedFrameSchema, {
          results: results.map((result) => ({
            id: result.id,
            code: codes[result.code].wire,
            baseOffset: BigInt(result.baseOffset ?? 0),
            term: BigInt(result.term),
            index: BigInt(result.index ?? 0),
            leader: result.leader ?? 0,
          })),
        })
        expect(Buffer.compare(encoded, theirs)).toBe(0)
        expect(readProducedFrame(encoded)).toEqual(results)
      }),
    )
  })

  test('FetchFrame', () => {
    fc.assert(
      fc.property(fetchFrames, (frame) => {
        const encoded = encodeFetch(frame)

        const theirs = generated(FetchFrameSchema, {
          ...maybeHello(frame.hello),
          requests: frame.requests.map((request) => ({
            id: request.id,
            partition: request.partition,
            offset: BigInt(request.offset),
            consistency: ['linearizable', 'lease', 'committed'].indexOf(request.consistency),
            maxBytes: request.bytesMax,
            maxWaitMs: request.waitMsMax,
          })),
        })
        expect(Buffer.compare(encoded, theirs)).toBe(0)
        expect(withoutTypes(readFetchFrame(encoded))).toEqual(frame)
      }),
    )
  })

  test('FetchedFrame', () => {
    fc.assert(
      fc.property(fc.array(fetched), (results) => {
        const encoded = encodeFetched(results)

        const theirs = generated(FetchedFrameSchema, {
          results: results.map((result) => ({
            id: result.id,
            code: codes[result.code].wire,
            logStartOffset: BigInt(result.logStartOffset),
            highWatermark: BigInt(result.highWatermark),
            batches: [...result.batches],
            leader: result.leader ?? 0,
          })),
        })
        expect(Buffer.compare(encoded, theirs)).toBe(0)
        expect(readFetchedFrame(encoded)).toEqual(results)
      }),
    )
  })

  test('PeerFrame', () => {
    fc.assert(
      fc.property(peerFrames, (frame) => {
        const encoded = encodePeer(frame)

        const theirs = generated(PeerFrameSchema, {
          ...maybeHello(frame.hello),
          messages: [...frame.messages],
        })
        expect(Buffer.compare(encoded, theirs)).toBe(0)
        expect(withoutTypes(readPeerFrame(encoded))).toEqual(frame)
      }),
    )
  })
})

const decoders = [
  readProduceFrame,
  readProducedFrame,
  readFetchFrame,
  readFetchedFrame,
  readPeerFrame,
] as const

test('unknown fields, outside and inside a message, are stepped over', () => {
  const unknowns = [
    [0x78, 0x96, 0x01], // field 15, varint
    [0x7a, 0x02, 9, 9], // field 15, bytes
    [0x79, 1, 2, 3, 4, 5, 6, 7, 8], // field 15, fixed64
    [0x7d, 1, 2, 3, 4], // field 15, fixed32
    [0x82, 0x01, 0x01, 9], // field 16: a two-byte tag
  ]
  for (const unknown of unknowns) {
    const inner = [0x08, 5, ...unknown, 0x10, 6]
    const frame = Uint8Array.from([...unknown, 0x12, inner.length, ...inner, ...unknown])

    expect(readProduceFrame(frame)).toMatchObject({ requests: [{ id: 5, partition: 6 }] })
    expect(fromBinary(ProduceFrameSchema, frame).requests[0]).toMatchObject({ id: 5, partition: 6 })
  }
})

test.each(decoders)('random bytes are a fault at a byte of theirs, or read: %#', (read) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (noise) => {
      const frame = read(noise)

      if (isFrameFault(frame)) expect(frame.byte).toBeLessThan(noise.length)
    }),
    { numRuns: 1000 },
  )
})

test('a cut frame is a fault that names its byte', () => {
  const encoded = encodeProduce({
    hello: undefined,
    requests: [1, 2].map((id) => ({
      id,
      partition: 3 as GroupId,
      acks: 'leader',
      timeoutMs: 10,
      batch: new Uint8Array(5),
    })),
  })

  expect(readProduceFrame(encoded.subarray(0, encoded.length - 1))).toEqual({
    fault: 'field runs past its message',
    byte: encoded.length / 2,
  })
  expect(readProduceFrame(Uint8Array.of(0x12, 0x02, 0x18, 0x07))).toEqual({
    fault: 'acks 7 is unknown',
    byte: 2,
  })
})

test('frames already taken stay as they are while the writer goes on', () => {
  const writer = new WireWriter()
  const taken: Uint8Array[] = []
  for (let id = 1; id <= 40; id += 1) {
    const payload = new Uint8Array(id * 1000).fill(id)
    openPeerMessage(writer, 1 as GroupId, payload.length).set(payload)
    if (id % 2 === 0) taken.push(writer.take())
  }

  const ids = taken.map((frame) => {
    const read = readPeerFrame(frame)
    if (isFrameFault(read)) throw new Error(read.fault)
    return read.messages.map(({ payload }) => [payload[0], payload.at(-1), payload.length])
  })

  expect(ids.flat()).toEqual(
    Array.from({ length: 40 }, (_, at) => [at + 1, at + 1, at * 1000 + 1000]),
  )
})

/** Generated messages carry `$typeName`, which is no part of what was sent. */
function withoutTypes(frame: object): unknown {
  const { hello, ...rest } = frame as { hello?: Record<string, unknown> }
  const { $typeName: _, ...plain } = hello ?? {}
  return { ...rest, hello: hello && plain }
}
