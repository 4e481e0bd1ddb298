import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { Client, credentials } from '@grpc/grpc-js'
import type { ProduceSchema } from '../../src/contract/gen/raftmark_pb.ts'
import { Log, type ProducedFrame, ProduceFrameSchema } from '../../src/contract/gen/raftmark_pb.ts'
import { generatedService, grpcOptions } from '../../src/contract/services.ts'
import { GroupId } from '../../src/contract/types.ts'
import { GrpcLogClient } from '../../src/experiment/load/grpc-log-client.ts'
import { systemClock } from '../../src/os/clock.ts'
import { asBuffer, unaryService } from './unary-service.ts'

/** `window` requests are unanswered at any time; `count` says how many were answered. */
export type ClosedLoop = { readonly count: () => number; readonly stop: () => void }

type LoopOptions = {
  readonly address: string
  readonly window: number
  readonly batch: Uint8Array
}

/** Through the harness's own client and hand-written codec. */
export function throughLogClient({ address, window, batch }: LoopOptions): ClosedLoop {
  const client = new GrpcLogClient({
    clock: systemClock,
    address,
    runId: 'ceiling',
    windowRequests: window,
    windowBytes: window * batch.length,
  })
  const request = { partition: GroupId(0), acks: 'quorum', timeoutMs: 10_000, batch } as const
  let answered = 0
  let goesOn = true
  const next = (): void => {
    client.produce(request, ({ code }) => {
      if (!goesOn) return
      if (code !== 'OK') throw new Error(`null answered ${code}`)
      answered += 1
      next()
    })
  }
  for (let at = 0; at < window; at += 1) next()
  return {
    count: () => answered,
    stop: () => {
      goesOn = false
      client.close()
    },
  }
}

const logMethods = generatedService(Log, asBuffer)

/** The same frames through the generated codec: what was answered at once is asked at once. */
export function throughGeneratedCodec({ address, window, batch }: LoopOptions): ClosedLoop {
  const client = new Client(address, credentials.createInsecure(), grpcOptions)
  const stream = client.makeBidiStreamRequest<unknown, ProducedFrame>(
    logMethods['Produce']?.path ?? '',
    logMethods['Produce']?.requestSerialize as (message: unknown) => Buffer,
    logMethods['Produce']?.responseDeserialize as (bytes: Buffer) => ProducedFrame,
  )
  let answered = 0
  let queued: MessageInitShape<typeof ProduceSchema>[] = []
  const ask = (id: number): void => {
    queued.push({ id, partition: 0, acks: 0, timeoutMs: 10_000, batch })
    if (queued.length * batch.length >= 256 * 1024) flush()
    else if (queued.length === 1) systemClock.defer(flush)
  }
  const flush = (): void => {
    if (queued.length > 0) stream.write(create(ProduceFrameSchema, { requests: queued }))
    queued = []
  }
  stream.on('data', ({ results }: ProducedFrame) => {
    answered += results.length
    for (const { id } of results) ask(id)
  })
  stream.on('error', () => undefined)
  for (let id = 1; id <= window; id += 1) ask(id)
  return {
    count: () => answered,
    stop: () => {
      stream.cancel()
      client.close()
    },
  }
}

/** A call per request. */
export function throughUnaryCalls({ address, window, batch }: LoopOptions): ClosedLoop {
  const client = new Client(address, credentials.createInsecure(), grpcOptions)
  const { path, requestSerialize, responseDeserialize } = unaryService.Produce
  let answered = 0
  let goesOn = true
  const next = (id: number): void => {
    const message = create(ProduceFrameSchema, {
      requests: [{ id, partition: 0, acks: 0, timeoutMs: 10_000, batch }],
    })
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, (error) => {
      if (!goesOn) return
      if (error !== null) throw error
      answered += 1
      next(id)
    })
  }
  for (let id = 1; id <= window; id += 1) next(id)
  return {
    count: () => answered,
    stop: () => {
      goesOn = false
      client.close()
    },
  }
}
