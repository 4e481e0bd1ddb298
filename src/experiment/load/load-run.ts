import { assert } from '../../base/assert.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Crc32c } from '../../base/crc32c.ts'
import { prngFromSeed } from '../../base/prng.ts'
import type { CheckResult } from '../../judgement/history/run-record.ts'
import { createPayloads } from '../workload/payload.ts'
import { createSchedule } from '../workload/schedule.ts'
import type { Workload } from '../workload/workload.ts'
import { BatchFactory } from './batch-factory.ts'
import { Consumer } from './consumer.ts'
import { Dispatcher } from './dispatcher.ts'
import { concludeChecks, partitionsBehind } from './final-check.ts'
import { LatencyRecorder } from './latency-recorder.ts'
import { Ledger } from './ledger.ts'
import { reportOf } from './load-report.ts'
import { OpenLoop } from './open-loop.ts'
import type { FromGenerator, LoadPhase, LoadPlan, LoadReport } from './plan.ts'
import { RecordCheck } from './record-check.ts'
import { type Connect, Routes } from './routes.ts'
import { Slices } from './slices.ts'
import { Tally } from './tally.ts'

const NS_PER_MS = 1_000_000
const NS_PER_SECOND = 1_000_000_000

/** How often what waits is looked at: retries, timeouts, the ends of phases. */
const TICK_NS = 10 * NS_PER_MS
/** Each line of histogram.hlog covers so long. */
const INTERVAL_NS = NS_PER_SECOND

/** A closed loop has as many again, for operations whose last attempt is still unanswered. */
const SPARE_FACTOR = 2
const PLACES_MIN = 64
export const PLACES_MAX = 65_536

/** Producer ids begin here: 0 is often a default that was forgotten. */
const FIRST_PRODUCER_ID = 1000

export type LoadDependencies = {
  readonly clock: Clock
  /** Milliseconds since 1970 at the clock's 0. */
  readonly clockStartMs: number
  readonly crc32c: Crc32c
  readonly connect: Connect
  /** Produce frames sent so far, where the client counts them. */
  readonly framesSent?: () => number
  readonly tell: (message: FromGenerator) => void
}

export type LoadResult = { readonly report: LoadReport; readonly histogramLog: string }

/** Operations that may be outstanding: all that an open loop has due within a timeout. */
export function placesFor({ arrival, timeoutMs, warmUpInFlight }: Workload): number {
  const measured =
    arrival.kind === 'closed'
      ? SPARE_FACTOR * arrival.inFlight
      : Math.ceil((SPARE_FACTOR * arrival.ratePerSecond * timeoutMs) / 1000)
  const places = Math.max(PLACES_MIN, SPARE_FACTOR * warmUpInFlight, measured)
  return Math.min(PLACES_MAX, places)
}

type Stage = LoadPhase | 'settle' | 'conclude' | 'over'

/** Carries one workload: warm-up, measured phase, drain. In any process, on any clock. */
export class LoadRun {
  readonly #plan: LoadPlan
  readonly #dependencies: LoadDependencies
  readonly #done: (result: LoadResult) => void
  readonly #routes: Routes
  readonly #ledger: Ledger
  readonly #dispatcher: Dispatcher
  readonly #consumers: Consumer[]
  readonly #recorder: LatencyRecorder
  readonly #tally: Tally
  readonly #slices: Slices

  #stage: Stage = 'warm-up'
  #isWarm = false
  #interrupted: string | undefined
  /** Operations that a closed loop keeps outstanding; 0: none is begun. */
  #inFlight = 0
  #openLoop: OpenLoop | undefined
  #begunClosed = 0
  #timer: Timer | undefined
  #stageBeganNs = 0
  #measureBeganNs = Number.POSITIVE_INFINITY
  #measureEndNs = Number.POSITIVE_INFINITY
  #nextIntervalNs = Number.POSITIVE_INFINITY
  #framesBefore = 0
  #frames: number | undefined

  constructor(plan: LoadPlan, dependencies: LoadDependencies, done: (result: LoadResult) => void) {
    const { workload, groups, seed } = plan
    assert(groups.length === workload.partitions, 'one group for each partition')
    const { clock, clockStartMs, crc32c, connect } = dependencies
    const payloads = createPayloads({
      prng: prngFromSeed(seed).fork('payload'),
      bytes: workload.payloadBytes,
    })
    this.#plan = plan
    this.#dependencies = dependencies
    this.#done = done
    this.#routes = new Routes({
      connect,
      nodes: plan.nodes.map(({ node }) => node),
      firstLeader: plan.firstLeader,
      partitions: workload.partitions,
    })
    this.#ledger = new Ledger({ ...workload, firstProducerId: FIRST_PRODUCER_ID })
    this.#recorder = new LatencyRecorder()
    this.#tally = new Tally({
      recorder: this.#recorder,
      timeoutNs: workload.timeoutMs * NS_PER_MS,
      onEnd: (nowNs) => this.#keepInFlight(nowNs),
    })
    this.#slices = new Slices(dependencies.tell, this.#tally.counts)
    this.#dispatcher = new Dispatcher({
      ...{ workload, groups, clock },
      batches: new BatchFactory({ clock, clockStartMs, crc32c, payloads, ...workload }),
      ...{ ledger: this.#ledger, routes: this.#routes, observer: this.#tally },
      places: placesFor(workload),
    })
    const check = { ledger: this.#ledger, payloads, crc32c, ...workload }
    this.#consumers = Array.from({ length: workload.consumers }, () => {
      return new Consumer({
        ...{ clock, routes: this.#routes, ledger: this.#ledger, groups, fetch: workload.fetch },
        check: new RecordCheck(check),
        onRead: (sentNs, nowNs) => this.#onRead(sentNs, nowNs),
      })
    })
  }

  start(): void {
    const nowNs = this.#dependencies.clock.nowNs()
    for (const consumer of this.#consumers) consumer.start()
    this.#enter('warm-up', nowNs)
    this.#inFlight = this.#plan.workload.warmUpInFlight
    this.#keepInFlight(nowNs)
    this.#tick()
  }

  /** The cluster is warm. Without effect but in the warm-up. */
  measure(): void {
    if (this.#stage !== 'warm-up' || this.#interrupted !== undefined) return
    this.#isWarm = true
    this.#endWarmUp()
  }

  /** Begins nothing any more, drains and reports what there is. */
  stop(reason: string): void {
    if (this.#stage !== 'warm-up' && this.#stage !== 'settle' && this.#stage !== 'measure') return
    this.#interrupted = reason
    this.#enterDrain(this.#dependencies.clock.nowNs())
  }

  #tick(): void {
    const { clock } = this.#dependencies
    const nowNs = clock.nowNs()
    this.#dispatcher.tick(nowNs)
    for (const consumer of this.#consumers) consumer.tick(nowNs)
    this.#slices.tick(nowNs)
    if (nowNs >= this.#nextIntervalNs) this.#rotate(nowNs)
    this.#advance(nowNs)
    if (this.#stage === 'conclude' || this.#stage === 'over') return
    this.#timer = clock.wakeAt(nowNs + TICK_NS, () => this.#tick())
  }

  #advance(nowNs: number): void {
    const { warmUpSecondsMax, drainSecondsMax } = this.#plan.workload
    const inStageNs = nowNs - this.#stageBeganNs
    switch (this.#stage) {
      case 'warm-up':
        if (inStageNs >= warmUpSecondsMax * NS_PER_SECOND) this.#endWarmUp()
        return
      case 'settle':
        if (this.#dispatcher.pending === 0) this.#enterMeasure(nowNs)
        return
      case 'measure':
        if (nowNs >= this.#measureEndNs) this.#enterDrain(nowNs)
        return
      case 'drain':
        if (this.#isDrained() || inStageNs >= drainSecondsMax * NS_PER_SECOND) this.#conclude(nowNs)
        return
      default:
    }
  }

  /** The measured phase begins with nothing outstanding: what the warm-up left is not its load. */
  #endWarmUp(): void {
    this.#inFlight = 0
    this.#stage = 'settle'
  }

  #enterMeasure(nowNs: number): void {
    const { workload, seed } = this.#plan
    const { measureSeconds: seconds, timeoutMs } = workload
    this.#measureBeganNs = nowNs
    this.#measureEndNs = nowNs + seconds * NS_PER_SECOND
    this.#tally.windowEndNs = this.#measureEndNs
    this.#nextIntervalNs = nowNs + INTERVAL_NS
    this.#recorder.begin(this.#wallMs(nowNs))
    this.#framesBefore = this.#dependencies.framesSent?.() ?? 0
    this.#enter('measure', nowNs)
    if (workload.arrival.kind === 'closed') {
      this.#inFlight = workload.arrival.inFlight
      this.#keepInFlight(nowNs)
      return
    }
    const prng = prngFromSeed(seed).fork('arrival')
    this.#openLoop = new OpenLoop({
      clock: this.#dependencies.clock,
      dispatcher: this.#dispatcher,
      schedule: createSchedule(workload.arrival, { seconds, prng }),
      beginNs: nowNs,
      timeoutNs: timeoutMs * NS_PER_MS,
      onUnsent: () => this.#tally.onUnsent(),
    })
    this.#openLoop.start()
  }

  #enterDrain(nowNs: number): void {
    this.#inFlight = 0
    if (this.#stage === 'measure') {
      this.#frames = this.#framesSince()
      this.#measureEndNs = Math.min(this.#measureEndNs, nowNs)
      this.#tally.windowEndNs = this.#measureEndNs
    }
    if (this.#interrupted !== undefined) this.#openLoop?.stop()
    this.#enter('drain', nowNs)
  }

  #isDrained(): boolean {
    if (this.#dispatcher.pending > 0 || this.#openLoop?.exhausted === false) return false
    return this.#consumers.length === 0 || partitionsBehind(this.#checked).length === 0
  }

  #conclude(nowNs: number): void {
    this.#stage = 'conclude'
    this.#timer?.cancel()
    this.#openLoop?.giveUp()
    this.#dispatcher.giveUp()
    this.#rotate(nowNs)
    for (const consumer of this.#consumers) consumer.stop()
    concludeChecks(this.#checked, (checks) => {
      this.#stage = 'over'
      this.#routes.close()
      this.#done(this.#result(checks))
    })
  }

  get #checked() {
    const { clock } = this.#dependencies
    const { workload, groups } = this.#plan
    const [ledger, routes, consumers] = [this.#ledger, this.#routes, this.#consumers]
    return { clock, workload, groups, ledger, routes, consumers }
  }

  #keepInFlight(nowNs: number): void {
    const measured = this.#stage === 'measure'
    while (this.#dispatcher.pending < this.#inFlight && this.#dispatcher.hasRoom) {
      if (measured) this.#begunClosed += 1
      this.#dispatcher.begin(nowNs, measured)
    }
  }

  #onRead(sentNs: number, nowNs: number): void {
    if (sentNs >= this.#measureBeganNs && this.#stage !== 'conclude') {
      this.#recorder.fetched(nowNs - sentNs)
    }
  }

  #enter(phase: LoadPhase, nowNs: number): void {
    this.#stage = phase
    this.#stageBeganNs = nowNs
    this.#slices.enter(phase, nowNs)
  }

  #rotate(nowNs: number): void {
    this.#recorder.rotate(this.#wallMs(nowNs))
    this.#nextIntervalNs = nowNs + INTERVAL_NS
  }

  #wallMs(nowNs: number): number {
    return this.#dependencies.clockStartMs + nowNs / NS_PER_MS
  }

  #framesSince(): number | undefined {
    const frames = this.#dependencies.framesSent?.()
    return frames === undefined ? undefined : frames - this.#framesBefore
  }

  #result(checks: readonly CheckResult[]): LoadResult {
    const { counts, failures } = this.#tally
    const hasMeasured = Number.isFinite(this.#measureBeganNs)
    const report = reportOf({
      workload: this.#plan.workload,
      warm: this.#isWarm,
      requests: this.#openLoop?.due ?? this.#begunClosed,
      ...{ counts, failures, checks },
      measureBeganNs: this.#measureBeganNs,
      windowNs: hasMeasured ? this.#measureEndNs - this.#measureBeganNs : 0,
      frames: this.#frames,
      recorder: this.#recorder,
      recordsConsumed: this.#consumers.reduce((sum, { check }) => sum + check.records, 0),
      interrupted: this.#interrupted,
    })
    return { report, histogramLog: this.#recorder.log }
  }
}
