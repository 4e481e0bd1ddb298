import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import type { Crc32c } from '../../base/crc32c.ts'
import { prngFromSeed } from '../../base/prng.ts'
import { peakRateOf } from '../workload/arrival.ts'
import { createPartitioner } from '../workload/operations.ts'
import { createPayloads } from '../workload/payload.ts'
import type { Workload } from '../workload/workload.ts'
import { BatchFactory } from './batch-factory.ts'
import { Consumer } from './consumer.ts'
import { Dispatcher, type OperationTimes } from './dispatcher.ts'
import { HistoryRecorder } from './history-recorder.ts'
import { LatencyRecorder } from './latency-recorder.ts'
import { Ledger } from './ledger.ts'
import type { FromGenerator, LoadPlan } from './plan.ts'
import { RecordCheck } from './record-check.ts'
import { type Connect, Routes } from './routes.ts'
import { Tally } from './tally.ts'

const NS_PER_MS = 1_000_000

/** A closed loop has as many again, for operations whose last attempt is still unanswered. */
const SPARE_FACTOR = 2
const PLACES_MIN = 64
const PLACES_MAX = 65_536

/** Producer ids begin here: 0 is often a default that was forgotten. */
const FIRST_PRODUCER_ID = 1000

export type LoadDependencies = {
  readonly clock: Clock
  /** Milliseconds since 1970 at the clock's 0. */
  readonly clockStartMs: number
  readonly crc32c: Crc32c
  readonly connect: Connect
  /** Takes the text of history.ndjson piece by piece; absent: none is recorded. */
  readonly writeHistory?: (text: string) => void
  /** Produce frames sent so far, where the client counts them. */
  readonly framesSent?: () => number
  readonly tell: (message: FromGenerator) => void
}

/** What a run of load is made of. */
export type LoadParts = {
  readonly routes: Routes
  readonly ledger: Ledger
  readonly recorder: LatencyRecorder
  readonly tally: Tally
  readonly dispatcher: Dispatcher
  /** Those that tail. */
  readonly consumers: readonly Consumer[]
  readonly replayers: readonly Consumer[]
  readonly history: HistoryRecorder | undefined
}

/** Operations that may be outstanding: all that an open loop has due within a timeout. */
export function placesFor(workload: Workload): number {
  const places = Math.max(
    PLACES_MIN,
    SPARE_FACTOR * workload.warmUpInFlight,
    SPARE_FACTOR * outstandingMax(workload),
  )
  return Math.min(PLACES_MAX, Math.ceil(places))
}

function outstandingMax({ arrival, timeoutMs }: Workload): number {
  if (arrival.kind === 'closed') return arrival.inFlight
  if (arrival.kind === 'search') return (arrival.ratePerSecondMax * timeoutMs) / 1000
  return (peakRateOf(arrival) * timeoutMs) / 1000
}

export function createLoadParts(
  plan: LoadPlan,
  dependencies: LoadDependencies,
  hooks: {
    readonly onUnmeasured: (times: OperationTimes, isAcknowledged: boolean) => void
    /** An operation has ended, and its place is free again. */
    readonly onEnd: (nowNs: number) => void
    readonly onRead: (sentNs: number, nowNs: number) => void
  },
): LoadParts {
  const { workload, groups } = plan
  assert(groups.length === workload.partitions, 'one group for each partition')
  const { clock, clockStartMs, crc32c, connect } = dependencies
  const payloads = createPayloads({
    prng: prngFromSeed(plan.seed).fork('payload'),
    workload,
  })
  const routes = new Routes({
    connect,
    nodes: plan.nodes.map(({ node }) => node),
    firstLeader: plan.firstLeader,
    partitions: workload.partitions,
  })
  const ledger = new Ledger({ ...workload, firstProducerId: FIRST_PRODUCER_ID })
  const history = historyOf(plan, dependencies, ledger)
  const shared = { clock, groups, ledger, routes, ...(history === undefined ? {} : { history }) }
  const recorder = new LatencyRecorder(workload.measureSeconds)
  const timeoutNs = workload.timeoutMs * NS_PER_MS
  const tally = new Tally({ recorder, timeoutNs, ...hooks })
  const dispatcher = new Dispatcher({
    ...shared,
    workload,
    partitionOf: createPartitioner(workload, prngFromSeed(plan.seed).fork('keys')),
    batches: new BatchFactory({ clock, clockStartMs, crc32c, payloads, ...workload }),
    observer: tally,
    places: placesFor(workload),
  })
  const consumerOf = (consumer: number, manner: 'tail' | 'replay'): Consumer => {
    const isReplay = manner === 'replay'
    const check = new RecordCheck({ ledger, payloads, crc32c, ...workload, isReplay })
    const onRead = isReplay ? () => undefined : hooks.onRead
    return new Consumer({ ...shared, consumer, manner, check, onRead, fetch: workload.fetch })
  }
  const several = (count: number, first: number, manner: 'tail' | 'replay'): Consumer[] =>
    Array.from({ length: count }, (_, at) => consumerOf(first + at, manner))
  const consumers = several(workload.consumers, 0, 'tail')
  const replayers = several(workload.replayingConsumers, workload.consumers, 'replay')
  return { routes, ledger, recorder, tally, dispatcher, consumers, replayers, history }
}

function historyOf(
  { workload, groups, seed, subject, runId }: LoadPlan,
  { writeHistory: write }: LoadDependencies,
  ledger: Ledger,
): HistoryRecorder | undefined {
  if (write === undefined) return undefined
  return new HistoryRecorder({ write, ledger, workload, groups, seed, subject: subject ?? runId })
}
