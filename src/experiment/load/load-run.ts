import type { Timer } from '../../base/clock.ts'
import { prngFromSeed } from '../../base/prng.ts'
import type { LatencySeries } from '../../judgement/history/latency-series.ts'
import type { CheckResult } from '../../judgement/history/run-record.ts'
import type { OpenArrival } from '../workload/arrival.ts'
import { createSchedule } from '../workload/schedule.ts'
import { ConsumerPause } from './catch-up.ts'
import type { Consumer } from './consumer.ts'
import { concludeChecks, type FinalCheckOptions, partitionsBehind } from './final-check.ts'
import { createLoadParts, type LoadDependencies, type LoadParts } from './load-parts.ts'
import { reportOf } from './load-report.ts'
import { OpenLoop } from './open-loop.ts'
import type { LoadPhase, LoadPlan, LoadReport } from './plan.ts'
import { RateProbing, type SearchedArrival } from './rate-probing.ts'
import { readBack } from './read-back.ts'
import { Rehearsal, type RehearsedArrival } from './rehearsal.ts'
import { Slices } from './slices.ts'

const NS_PER_MS = 1_000_000
const NS_PER_SECOND = 1_000_000_000

/** How often what waits is looked at: retries, timeouts, the ends of phases. */
const TICK_NS = 10 * NS_PER_MS
/**
 * Each line of histogram.hlog covers so long at least; an hour has no more lines than ten minutes.
 */
const INTERVAL_NS_MIN = NS_PER_SECOND
const INTERVALS_MAX = 600

export type LoadResult = {
  readonly report: LoadReport
  readonly histogramLog: string
  readonly series: LatencySeries
}

type Stage = LoadPhase | 'settle' | 'conclude' | 'over'

const STOPPABLE: ReadonlySet<Stage> = new Set([
  'warm-up',
  'settle',
  'rehearsal',
  'search',
  'measure',
])

/** Carries one workload: warm-up, measured phase, drain. In any process, on any clock. */
export class LoadRun {
  readonly #plan: LoadPlan
  readonly #dependencies: LoadDependencies
  readonly #done: (result: LoadResult) => void
  readonly #parts: LoadParts
  readonly #slices: Slices

  #stage: Stage = 'warm-up'
  #interrupted: string | undefined
  /** Operations that a closed loop keeps outstanding; 0: none is begun. */
  #inFlight = 0
  #openLoop: OpenLoop | undefined
  #pause: ConsumerPause | undefined
  #rehearsal: Rehearsal | undefined
  #probing: RateProbing | undefined
  #begunClosed = 0
  #timer: Timer | undefined
  #stageBeganNs = 0
  #measureBeganNs = Number.POSITIVE_INFINITY
  #measureEndNs = Number.POSITIVE_INFINITY
  #nextIntervalNs = Number.POSITIVE_INFINITY
  #framesBefore = 0
  #frames: number | undefined

  constructor(plan: LoadPlan, dependencies: LoadDependencies, done: (result: LoadResult) => void) {
    this.#plan = plan
    this.#dependencies = dependencies
    this.#done = done
    this.#parts = createLoadParts(plan, dependencies, {
      onEnd: (nowNs) => this.#onEnd(nowNs),
      onUnmeasured: (times, isAcknowledged) => this.#probing?.onEnd(times, isAcknowledged),
      onRead: (sentNs, nowNs) => this.#onRead(sentNs, nowNs),
    })
    this.#slices = new Slices(dependencies.tell, this.#parts.tally.counts)
  }

  start(): void {
    const nowNs = this.#dependencies.clock.nowNs()
    for (const consumer of this.#readers) consumer.start()
    this.#enter('warm-up', nowNs)
    this.#inFlight = this.#plan.workload.warmUpInFlight
    this.#keepInFlight(nowNs)
    this.#tick()
  }

  /** The cluster is warm. Without effect but in the warm-up. */
  measure(): void {
    if (this.#stage !== 'warm-up' || this.#interrupted !== undefined) return
    this.#endWarmUp()
  }

  /** Begins nothing any more, drains and reports what there is. */
  stop(reason: string): void {
    if (!STOPPABLE.has(this.#stage)) return
    this.#interrupted = reason
    this.#probing?.stop()
    this.#enterDrain(this.#dependencies.clock.nowNs())
  }

  #tick(): void {
    const { clock } = this.#dependencies
    const nowNs = clock.nowNs()
    this.#parts.dispatcher.tick(nowNs)
    this.#pause?.tick(nowNs)
    for (const consumer of this.#readers) consumer.tick(nowNs)
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
        if (this.#parts.dispatcher.pending === 0) this.#afterWarmUp(nowNs)
        return
      case 'rehearsal':
        if (this.#rehearsal?.tick(nowNs) === true) this.#enterMeasure(nowNs)
        return
      case 'search':
        if (this.#probing?.tick(nowNs) === true) this.#enterMeasure(nowNs)
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

  #afterWarmUp(nowNs: number): void {
    const { arrival, rehearsalSeconds } = this.#plan.workload
    const isSteady = arrival.kind === 'poisson' || arrival.kind === 'constant'
    if (arrival.kind === 'search') this.#enterSearch(arrival, nowNs)
    else if (isSteady && rehearsalSeconds > 0) {
      this.#enterRehearsal(arrival, nowNs)
    } else this.#enterMeasure(nowNs)
  }

  #enterRehearsal(arrival: RehearsedArrival, nowNs: number): void {
    const { workload, seed } = this.#plan
    const { rehearsalSeconds: seconds, warmUpInFlight, timeoutMs } = workload
    const { clock } = this.#dependencies
    const { dispatcher } = this.#parts
    const limits = { timeoutNs: timeoutMs * NS_PER_MS, outstandingMax: warmUpInFlight }
    this.#enter('rehearsal', nowNs)
    const options = { clock, dispatcher, arrival, seconds, seed, ...limits }
    this.#rehearsal = new Rehearsal(options, nowNs)
  }

  #enterSearch(arrival: SearchedArrival, nowNs: number): void {
    const { workload, seed } = this.#plan
    const { timeoutMs } = workload
    const { clock } = this.#dependencies
    const { dispatcher } = this.#parts
    const timeoutNs = timeoutMs * NS_PER_MS
    this.#probing = new RateProbing({ clock, dispatcher, arrival, seed, timeoutNs })
    this.#enter('search', nowNs)
  }

  #enterMeasure(nowNs: number): void {
    const { workload } = this.#plan
    const seconds = workload.measureSeconds
    this.#measureBeganNs = nowNs
    this.#measureEndNs = nowNs + seconds * NS_PER_SECOND
    this.#parts.tally.windowEndNs = this.#measureEndNs
    this.#nextIntervalNs = nowNs + this.#intervalNs
    this.#parts.recorder.begin(this.#wallMs(nowNs), nowNs)
    this.#framesBefore = this.#dependencies.framesSent?.() ?? 0
    if (workload.consumerPauseSeconds > 0) {
      const endNs = nowNs + workload.consumerPauseSeconds * NS_PER_SECOND
      this.#pause = new ConsumerPause({ ...this.#plan, ...this.#parts, endNs })
    }
    this.#enter('measure', nowNs)
    if (workload.arrival.kind === 'closed') {
      this.#inFlight = workload.arrival.inFlight
      this.#keepInFlight(nowNs)
      return
    }
    this.#startOpenLoop(workload.arrival, nowNs)
  }

  #startOpenLoop(arrival: OpenArrival | SearchedArrival, beginNs: number): void {
    const { workload, seed } = this.#plan
    const { timeoutMs, measureSeconds: seconds } = workload
    const prng = prngFromSeed(seed).fork('arrival')
    const open: OpenArrival =
      arrival.kind === 'search'
        ? {
            kind: 'poisson',
            ratePerSecond: this.#probing?.measuredPerSecond ?? arrival.firstPerSecond,
          }
        : arrival
    this.#openLoop = new OpenLoop({
      clock: this.#dependencies.clock,
      dispatcher: this.#parts.dispatcher,
      schedule: createSchedule(open, { seconds, prng }),
      ...{ beginNs, measured: true, timeoutNs: timeoutMs * NS_PER_MS },
      onUnsent: (intendedNs) => this.#parts.tally.onUnsent(intendedNs),
    })
    this.#openLoop.start()
  }

  #enterDrain(nowNs: number): void {
    this.#inFlight = 0
    if (this.#stage === 'measure') {
      this.#frames = this.#framesSince()
      this.#measureEndNs = Math.min(this.#measureEndNs, nowNs)
      this.#parts.tally.windowEndNs = this.#measureEndNs
    }
    if (this.#interrupted !== undefined) {
      this.#rehearsal?.stop()
      this.#openLoop?.stop()
    }
    this.#pause?.end()
    this.#enter('drain', nowNs)
  }

  #isDrained(): boolean {
    if (this.#parts.dispatcher.pending > 0 || this.#openLoop?.exhausted === false) return false
    return this.#parts.consumers.length === 0 || partitionsBehind(this.#checked).length === 0
  }

  #conclude(nowNs: number): void {
    this.#stage = 'conclude'
    this.#timer?.cancel()
    this.#openLoop?.giveUp()
    this.#parts.dispatcher.giveUp()
    this.#rotate(nowNs)
    for (const consumer of this.#readers) consumer.stop()
    concludeChecks(this.#checked, (checks) => {
      this.#readBack(() => {
        this.#stage = 'over'
        this.#parts.routes.close()
        this.#done(this.#result(checks))
      })
    })
  }

  /** For the history alone: what each replica has in the end. */
  #readBack(done: () => void): void {
    const { history, routes } = this.#parts
    const { clock } = this.#dependencies
    if (history === undefined) done()
    else {
      readBack({ ...this.#plan, clock, routes, history }, () => {
        history.end(clock.nowNs())
        done()
      })
    }
  }

  get #readers(): readonly Consumer[] {
    return [...this.#parts.consumers, ...this.#parts.replayers]
  }

  get #checked(): FinalCheckOptions {
    return { ...this.#plan, ...this.#parts, clock: this.#dependencies.clock }
  }

  #onEnd(nowNs: number): void {
    if (this.#openLoop === undefined) this.#keepInFlight(nowNs)
    else this.#openLoop.sendDue(nowNs)
  }

  #keepInFlight(nowNs: number): void {
    const measured = this.#stage === 'measure'
    while (this.#parts.dispatcher.pending < this.#inFlight && this.#parts.dispatcher.hasRoom) {
      if (measured) this.#begunClosed += 1
      this.#parts.dispatcher.begin(nowNs, measured)
    }
  }

  #onRead(sentNs: number, nowNs: number): void {
    this.#openLoop?.sendDue(nowNs)
    if (sentNs >= this.#measureBeganNs && this.#stage !== 'conclude') {
      this.#parts.recorder.fetched(nowNs - sentNs)
    }
  }

  #enter(phase: LoadPhase, nowNs: number): void {
    this.#stage = phase
    this.#stageBeganNs = nowNs
    this.#slices.enter(phase, nowNs)
  }

  #rotate(nowNs: number): void {
    this.#parts.recorder.rotate(this.#wallMs(nowNs))
    this.#nextIntervalNs = nowNs + this.#intervalNs
  }

  get #intervalNs(): number {
    const { measureSeconds } = this.#plan.workload
    return Math.max(INTERVAL_NS_MIN, (measureSeconds * NS_PER_SECOND) / INTERVALS_MAX)
  }

  #wallMs(nowNs: number): number {
    return this.#dependencies.clockStartMs + nowNs / NS_PER_MS
  }

  #framesSince(): number | undefined {
    const frames = this.#dependencies.framesSent?.()
    return frames === undefined ? undefined : frames - this.#framesBefore
  }

  #result(checks: readonly CheckResult[]): LoadResult {
    const { counts, failures } = this.#parts.tally
    const hasMeasured = Number.isFinite(this.#measureBeganNs)
    const report = reportOf({
      workload: this.#plan.workload,
      requests: this.#openLoop?.due ?? this.#begunClosed,
      ...{ counts, failures, checks },
      measureBeganNs: this.#measureBeganNs,
      windowNs: hasMeasured ? this.#measureEndNs - this.#measureBeganNs : 0,
      frames: this.#frames,
      recorder: this.#parts.recorder,
      recordsConsumed: recordsReadBy(this.#parts.consumers),
      recordsReplayed: recordsReadBy(this.#parts.replayers),
      catchUp: this.#pause?.catchUp,
      probing: this.#probing,
      interrupted: this.#interrupted,
    })
    const { log: histogramLog, series } = this.#parts.recorder
    return { report, histogramLog, series }
  }
}

const recordsReadBy = (consumers: readonly Consumer[]): number =>
  consumers.reduce((sum, { check }) => sum + check.records, 0)
