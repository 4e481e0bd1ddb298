import type { Clock } from '../../base/clock.ts'
import { prngFromSeed } from '../../base/prng.ts'
import type { RateFinding, RateProbe } from '../../judgement/history/run-record.ts'
import { RateSearch } from '../workload/rate-search.ts'
import { createSchedule } from '../workload/schedule.ts'
import type { Arrival } from '../workload/workload.ts'
import type { Dispatcher, OperationTimes } from './dispatcher.ts'
import { OpenLoop } from './open-loop.ts'

const NS_PER_MS = 1_000_000
const NS_PER_SECOND = 1_000_000_000

/** The share of a probe's operations that may be slow. */
export const SLOW_RATIO_MAX = 0.01
/** A probe with fewer operations says nothing; no rate is tried that has fewer. */
const OPERATIONS_MIN = 20
/** After a probe, for what it left in the queues; what is still there then hampers the next one. */
const QUIET_NS_MAX = 10 * NS_PER_SECOND

type Probe = {
  readonly ratePerSecond: number
  readonly loop: OpenLoop
  readonly endNs: number
  acknowledged: number
  failed: number
  slow: number
}

export type SearchedArrival = Extract<Arrival, { readonly kind: 'search' }>

export type RateProbingOptions = {
  readonly clock: Clock
  readonly dispatcher: Dispatcher
  readonly arrival: SearchedArrival
  readonly seed: number
  readonly timeoutNs: number
}

/**
 * Tries rates, each for `probeSeconds` of Poisson arrivals with nothing outstanding before it. The
 * written rule: a rate holds when every operation was acknowledged and at most one in a hundred
 * took longer than `slowMs`. A probe is cut short as soon as it has broken the rule; a rate has
 * failed when two probes in a row have broken it, since one hiccup of the machine breaks one.
 */
export class RateProbing {
  readonly #options: RateProbingOptions
  readonly #search: RateSearch
  readonly #probes: RateProbe[] = []
  #probe: Probe | undefined
  /** A rate whose first probe has broken the rule. */
  #doubtfulPerSecond: number | undefined
  #quietByNs = 0

  constructor(options: RateProbingOptions) {
    this.#options = options
    const ratePerSecondMin = OPERATIONS_MIN / options.arrival.probeSeconds
    this.#search = new RateSearch({ ...options.arrival, ratePerSecondMin })
  }

  /** What the measured run is to have: the rate found, or the share of it that was asked for. */
  get measuredPerSecond(): number {
    return this.ratePerSecond * this.#options.arrival.measureRatio
  }

  /** The best that held, or the lowest that was tried. */
  get ratePerSecond(): number {
    const tried = this.#probes.map(({ ratePerSecond }) => ratePerSecond)
    return this.#search.best ?? Math.min(this.#options.arrival.firstPerSecond, ...tried)
  }

  /** `isConfirmed`: whether the measured run kept to the same rule. */
  finding(isConfirmed: boolean): RateFinding {
    const hasHeld = this.#search.best !== undefined
    const { ratePerSecond } = this
    return { probes: this.#probes, ratePerSecond, hasHeld, isConfirmed }
  }

  /** One of the probe's operations has ended. */
  onEnd(times: OperationTimes, isAcknowledged: boolean): void {
    const probe = this.#probe
    if (probe === undefined) return
    if (isAcknowledged) probe.acknowledged += 1
    else probe.failed += 1
    if (times.doneNs - times.intendedNs > this.#options.arrival.slowMs * NS_PER_MS) probe.slow += 1
  }

  /** Returns whether the search is over. To be called every few milliseconds. */
  tick(nowNs: number): boolean {
    const probe = this.#probe
    if (probe === undefined) return this.#begin(nowNs)
    if (!isHolding(probe, this.#options.arrival)) probe.loop.stop()
    if (!probe.loop.exhausted || nowNs < Math.min(probe.endNs, this.#quietByNs)) return false
    if (!this.#options.dispatcher.isQuiet && nowNs < this.#quietByNs) return false
    this.#judge(probe)
    return this.#begin(nowNs)
  }

  /** Begins nothing any more. */
  stop(): void {
    this.#probe?.loop.stop()
  }

  #begin(nowNs: number): boolean {
    const { arrival, clock, dispatcher, seed, timeoutNs } = this.#options
    const ratePerSecond = this.#doubtfulPerSecond ?? this.#search.next()
    if (ratePerSecond === undefined) return true
    const { probeSeconds: seconds } = arrival
    const prng = prngFromSeed(seed).fork(`probe ${this.#probes.length}`)
    const loop = new OpenLoop({
      ...{ clock, dispatcher, timeoutNs, beginNs: nowNs, measured: false },
      schedule: createSchedule({ kind: 'poisson', ratePerSecond }, { seconds, prng }),
      onUnsent: () => {
        if (this.#probe !== undefined) this.#probe.failed += 1
      },
    })
    const endNs = nowNs + seconds * NS_PER_SECOND
    this.#quietByNs = endNs + QUIET_NS_MAX
    this.#probe = { ratePerSecond, loop, endNs, acknowledged: 0, failed: 0, slow: 0 }
    loop.start()
    return false
  }

  #judge(probe: Probe): void {
    const { ratePerSecond, acknowledged, failed, slow, loop } = probe
    const held =
      isHolding(probe, this.#options.arrival) && acknowledged === loop.due && acknowledged > 0
    const isDoubtful = !held && this.#doubtfulPerSecond === undefined
    this.#doubtfulPerSecond = isDoubtful ? ratePerSecond : undefined
    if (!isDoubtful) this.#search.judged(ratePerSecond, held)
    this.#probes.push({ ratePerSecond, held, requests: loop.due, failed, slow })
    this.#probe = undefined
  }
}

/** What was due in the whole probe is expected, not counted: it may be cut short. */
function isHolding(
  { ratePerSecond, failed, slow }: Probe,
  { probeSeconds }: RateProbingOptions['arrival'],
): boolean {
  return failed === 0 && slow <= SLOW_RATIO_MAX * ratePerSecond * probeSeconds
}
