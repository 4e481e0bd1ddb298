import { fromBinary, toBinary } from '@bufbuild/protobuf'
import type { MethodDefinition } from '@grpc/grpc-js'
import {
  type ProducedFrame,
  ProducedFrameSchema,
  type ProduceFrame,
  ProduceFrameSchema,
} from '../../src/contract/gen/raftmark_pb.ts'

export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const produce: MethodDefinition<ProduceFrame, ProducedFrame> = {
  path: '/raftmark.bench.Unary/Produce',
  requestStream: false,
  responseStream: false,
  requestSerialize: (message) => asBuffer(toBinary(ProduceFrameSchema, message)),
  requestDeserialize: (bytes) => fromBinary(ProduceFrameSchema, bytes),
  responseSerialize: (message) => asBuffer(toBinary(ProducedFrameSchema, message)),
  responseDeserialize: (bytes) => fromBinary(ProducedFrameSchema, bytes),
}

/** What most gRPC services do: a call per request. */
export const unaryService = { Produce: produce }
