import {
  type ServerDuplexStream,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import type { Clock } from '../base/clock.ts'
import type { Code } from '../contract/codes.ts'
import { type FramedFetch, readFetchFrame, writeFetched } from '../contract/frames/fetch-frame.ts'
import { FrameOutbox } from '../contract/frames/frame-outbox.ts'
import type { Hello } from '../contract/frames/hello.ts'
import {
  type FramedProduce,
  readProduceFrame,
  writeProduced,
} from '../contract/frames/produce-frame.ts'
import { type FrameFault, isFrameFault } from '../contract/frames/wire-reader.ts'
import { Log } from '../contract/gen/raftmark_pb.ts'
import type { FetchResult, ProduceResult } from '../contract/log-client.ts'
import { rawService } from '../contract/services.ts'
import { type GroupId, Offset, Term } from '../contract/types.ts'
import type { Replica } from '../replica/engine/replica.ts'
import { StreamWindow } from './stream-window.ts'

export type LogServiceOptions = {
  readonly clock: Clock
  readonly runId: string
  readonly replicas: ReadonlyMap<GroupId, Replica>
  /** Larger batches are refused as BATCH_TOO_LARGE. */
  readonly batchBytesMax: number
}

/** What came in since the process started. */
export type Intake = { frames: number; requests: number }

type Stream = ServerDuplexStream<Uint8Array, Uint8Array>

/** Room that an answer of fixed size takes at most: all its numbers at full length. */
const RESULT_BYTES_MAX = 64

export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export const logService = rawService(Log, asBuffer) as unknown as ServiceDefinition

/** Records in and out: what the service Log of the contract answers. */
export function logHandlers(
  options: LogServiceOptions,
  intake: Intake,
): UntypedServiceImplementation {
  const Produce = (stream: Stream): void => {
    const outbox = outboxOf(stream, options.clock)
    serve(stream, options.runId, intake, {
      name: 'ProduceFrame',
      read: readProduceFrame,
      weigh: ({ batch }) => batch.length,
      take: (request, settled) => takeProduce(options, request, outbox, settled),
    })
  }
  const Fetch = (stream: Stream): void => {
    const outbox = outboxOf(stream, options.clock)
    serve(stream, options.runId, intake, {
      name: 'FetchFrame',
      read: readFetchFrame,
      weigh: () => 0,
      take: (request, settled) => takeFetch(options, request, outbox, settled),
    })
  }
  return { Produce, Fetch }
}

function takeProduce(
  { replicas, batchBytesMax }: LogServiceOptions,
  request: FramedProduce,
  outbox: FrameOutbox,
  settled: (bytes: number) => void,
): void {
  const { id, partition, batch } = request
  const bytes = batch.length
  const answer = (result: ProduceResult): void => {
    settled(bytes)
    writeProduced(outbox.roomFor(RESULT_BYTES_MAX), id, result)
  }
  const replica = replicas.get(partition)
  if (replica === undefined) answer(refusedProduce('UNKNOWN_PARTITION'))
  else if (bytes > batchBytesMax) answer(refusedProduce('BATCH_TOO_LARGE'))
  else replica.produce(request, answer)
}

function takeFetch(
  { replicas }: LogServiceOptions,
  request: FramedFetch,
  outbox: FrameOutbox,
  settled: (bytes: number) => void,
): void {
  const answer = (result: FetchResult): void => {
    settled(0)
    let bytes = RESULT_BYTES_MAX
    for (const batch of result.batches) bytes += batch.length
    writeFetched(outbox.roomFor(bytes), request.id, result)
  }
  const replica = replicas.get(request.partition)
  if (replica === undefined) answer(refusedFetch('UNKNOWN_PARTITION'))
  else replica.fetch(request, answer)
}

type Serving<Request> = {
  readonly name: string
  readonly read: (bytes: Uint8Array) => FrameFault | Frame<Request>
  /** Bytes of a request that count in the window. */
  readonly weigh: (request: Request) => number
  readonly take: (request: Request, settled: (bytes: number) => void) => void
}

type Frame<Request> = {
  readonly hello: Hello | undefined
  readonly requests: readonly Request[]
}

function serve<Request>(
  stream: Stream,
  runId: string,
  intake: Intake,
  { name, read, weigh, take }: Serving<Request>,
): void {
  const window = new StreamWindow(runId)
  const settled = (bytes: number): void => window.settle(bytes)
  let isOpen = true
  const refuse = (code: status, details: string): void => {
    isOpen = false
    stream.emit('error', { code, details })
  }
  stream.on('data', (bytes: Uint8Array) => {
    if (!isOpen) return
    const frame = read(bytes)
    if (isFrameFault(frame)) {
      refuse(status.INVALID_ARGUMENT, `${name}: ${frame.fault} at byte ${frame.byte}`)
      return
    }
    const wrong = window.greet(frame.hello)
    if (wrong !== undefined) {
      refuse(status.FAILED_PRECONDITION, wrong)
      return
    }
    intake.frames += 1
    intake.requests += frame.requests.length
    for (const request of frame.requests) {
      const overrun = window.admit(weigh(request))
      if (overrun !== undefined) {
        refuse(status.RESOURCE_EXHAUSTED, overrun)
        return
      }
      take(request, settled)
    }
  })
  stream.on('error', () => {
    isOpen = false
  })
  stream.on('end', () => stream.end())
}

/** Answers in one frame per burst; those of a stream that has ended go nowhere. */
const outboxOf = (stream: Stream, clock: Clock): FrameOutbox =>
  new FrameOutbox(clock, (frame) => {
    if (!stream.cancelled && stream.writable) stream.write(frame)
  })

const refusedProduce = (code: Code): ProduceResult => ({
  code,
  baseOffset: undefined,
  term: Term(0),
  index: undefined,
  leader: undefined,
})

const refusedFetch = (code: Code): FetchResult => ({
  code,
  logStartOffset: Offset(0),
  highWatermark: Offset(0),
  batches: [],
  leader: undefined,
})
