import { create } from '@bufbuild/protobuf'
import type {
  ServerDuplexStream,
  ServerUnaryCall,
  ServiceDefinition,
  sendUnaryData,
} from '@grpc/grpc-js'
import {
  Log,
  type ProducedFrame,
  ProducedFrameSchema,
  type ProduceFrame,
} from '../../src/contract/gen/raftmark_pb.ts'
import { generatedService } from '../../src/contract/services.ts'
import { createGrpcServer, listenAt } from '../../src/node/grpc-server.ts'
import { asBuffer, unaryService } from './unary-service.ts'

/**
 * The least that a server of the contract can do, through the generated codec: it answers each
 * frame with a frame, and each unary call with a result. Prints its port; ends with its input.
 */
const server = createGrpcServer()
let offset = 0n
const answer = ({ requests }: ProduceFrame): ProducedFrame =>
  create(ProducedFrameSchema, {
    results: requests.map(({ id }) => {
      offset += 1n
      return { id, baseOffset: offset, term: 1n, index: offset, leader: 1 }
    }),
  })

server.addService(generatedService(Log, asBuffer) as unknown as ServiceDefinition, {
  Produce: (stream: ServerDuplexStream<ProduceFrame, ProducedFrame>) => {
    stream.on('data', (frame: ProduceFrame) => stream.write(answer(frame)))
    stream.on('end', () => stream.end())
    stream.on('error', () => undefined)
  },
  Fetch: (stream: ServerDuplexStream<unknown, unknown>) => stream.end(),
})
server.addService(unaryService, {
  Produce: (
    { request }: ServerUnaryCall<ProduceFrame, ProducedFrame>,
    done: sendUnaryData<ProducedFrame>,
  ) => done(null, answer(request)),
})
const address = await listenAt(server, '127.0.0.1:0')
console.log(JSON.stringify({ raftmark: 1, address }))
process.stdin.on('end', () => process.exit(0))
process.stdin.resume()
