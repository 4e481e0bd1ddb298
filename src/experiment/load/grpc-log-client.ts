import type { Clock } from '../../base/clock.ts'
import type { Code } from '../../contract/codes.ts'
import { readFetchedFrame, writeFetch } from '../../contract/frames/fetch-frame.ts'
import { readProducedFrame, writeProduce } from '../../contract/frames/produce-frame.ts'
import type {
  FetchRequest,
  FetchResult,
  LogClient,
  ProduceRequest,
  ProduceResult,
} from '../../contract/log-client.ts'
import { CONTRACT_VERSION } from '../../contract/node-config.ts'
import { Offset, Term } from '../../contract/types.ts'
import { type RequestKind, RequestStream } from './request-stream.ts'

export type GrpcLogClientOptions = {
  readonly clock: Clock
  /** host:port of one node. */
  readonly address: string
  readonly runId: string
  /** Requests of each kind, and bytes of batches, unanswered at most; what is more waits here. */
  readonly windowRequests: number
  readonly windowBytes: number
}

const produceKind: RequestKind<ProduceRequest, ProduceResult> = {
  path: '/raftmark.v1.Log/Produce',
  write: writeProduce,
  read: readProducedFrame,
  weigh: ({ batch }) => batch.length,
  answerMsMax: ({ timeoutMs }) => timeoutMs,
  refuse: (code: Code) => ({
    code,
    baseOffset: undefined,
    term: Term(0),
    index: undefined,
    leader: undefined,
  }),
}

/** Nodes promise when a fetch without records answers, not when a linearizable one is confirmed. */
const FETCH_MS_MAX = 10_000

const fetchKind: RequestKind<FetchRequest, FetchResult> = {
  path: '/raftmark.v1.Log/Fetch',
  write: writeFetch,
  read: readFetchedFrame,
  weigh: () => 0,
  answerMsMax: ({ waitMsMax }) => waitMsMax + FETCH_MS_MAX,
  refuse: (code: Code) => ({
    code,
    logStartOffset: Offset(0),
    highWatermark: Offset(0),
    batches: [],
    leader: undefined,
  }),
}

/**
 * One node over gRPC: produce and fetch on connections of their own. Connects with the first
 * request; after a broken connection the next request opens a new one, 50 ms later at the soonest.
 */
export class GrpcLogClient implements LogClient {
  readonly #produces: RequestStream<ProduceRequest, ProduceResult>
  readonly #fetches: RequestStream<FetchRequest, FetchResult>

  constructor(options: GrpcLogClientOptions) {
    const { clock, address, runId, windowRequests, windowBytes } = options
    const hello = { contract: CONTRACT_VERSION, runId, windowRequests, windowBytes }
    this.#produces = new RequestStream({ clock, address, hello }, produceKind)
    this.#fetches = new RequestStream({ clock, address, hello }, fetchKind)
  }

  /** Frames of produce requests so far. */
  get produceFramesSent(): number {
    return this.#produces.framesSent
  }

  produce(request: ProduceRequest, done: (result: ProduceResult) => void): void {
    this.#produces.send(request, done)
  }

  fetch(request: FetchRequest, done: (result: FetchResult) => void): void {
    this.#fetches.send(request, done)
  }

  close(): void {
    this.#produces.close()
    this.#fetches.close()
  }
}
