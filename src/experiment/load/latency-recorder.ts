import { type Histogram, HistogramLogWriter } from 'hdr-histogram-js'
import type { LatencySeries } from '../../judgement/history/latency-series.ts'
import { addCounts, HdrCounts, type TakenCounts } from './hdr-counts.ts'
import { emptyHistogram, encodeHistogram, summaryOf } from './latency.ts'
import { SeriesRecorder } from './latency-series.ts'
import type { HistogramName, LoadLatency } from './plan.ts'

const NS_PER_MICRO = 1000
const MICROS_PER_MS = 1000
const NAMES = ['response', 'service', 'send-lag', 'fetch-lag'] as const

type Interval = {
  readonly beganMs: number
  readonly endedMs: number
  readonly taken: Readonly<Record<HistogramName, TakenCounts>>
}

/** The latencies of the measured phase: in all, and per interval for `histogram.hlog`. */
export class LatencyRecorder {
  readonly #interval = perName(() => new HdrCounts())
  readonly #total = perName(emptyHistogram)
  readonly #pending: Interval[] = []
  readonly #log: string[] = []
  readonly #writer = new HistogramLogWriter((text) => this.#log.push(text))
  readonly #series: SeriesRecorder
  #intervalStartMs = 0

  constructor(measureSeconds: number) {
    this.#series = new SeriesRecorder(measureSeconds)
    this.#writer.outputComment('[raftmark: microseconds. Untagged lines are response times]')
    this.#writer.outputLogFormatVersion()
    this.#writer.outputLegend()
  }

  /** The phase begins. `nowMs`: milliseconds since 1970; `nowNs`: the same of the run's clock. */
  begin(nowMs: number, nowNs: number): void {
    this.#intervalStartMs = nowMs
    this.#series.begin(nowNs)
  }

  acknowledged(times: {
    readonly intendedNs: number
    readonly firstSentNs: number
    readonly lastSentNs: number
    readonly doneNs: number
  }): void {
    const { intendedNs, firstSentNs, lastSentNs, doneNs } = times
    this.#interval.response.record((doneNs - intendedNs) / NS_PER_MICRO)
    this.#series.record(intendedNs, doneNs - intendedNs, true)
    this.#interval.service.record((doneNs - lastSentNs) / NS_PER_MICRO)
    this.#interval['send-lag'].record((firstSentNs - intendedNs) / NS_PER_MICRO)
  }

  /** An operation that was sent, and not acknowledged for whatever reason. */
  unacknowledged(
    { intendedNs, firstSentNs }: { readonly intendedNs: number; readonly firstSentNs: number },
    timeoutNs: number,
  ): void {
    this.#interval.response.record(timeoutNs / NS_PER_MICRO)
    this.#interval.service.record(timeoutNs / NS_PER_MICRO)
    this.#interval['send-lag'].record((firstSentNs - intendedNs) / NS_PER_MICRO)
    this.#series.record(intendedNs, timeoutNs, false)
  }

  /** An operation that could not be sent before its timeout. */
  unsent(intendedNs: number, timeoutNs: number): void {
    this.#interval.response.record(timeoutNs / NS_PER_MICRO)
    this.#interval['send-lag'].record(timeoutNs / NS_PER_MICRO)
    this.#series.record(intendedNs, timeoutNs, false)
  }

  fetched(lagNs: number): void {
    this.#interval['fetch-lag'].record(lagNs / NS_PER_MICRO)
  }

  /**
   * Ends an interval. `nowMs`: milliseconds since 1970. Its counts are only set aside: to encode
   * them takes 10 ms, in which requests of the measured part would be sent late.
   */
  rotate(nowMs: number): void {
    const taken = perName((name) => this.#interval[name].take())
    this.#pending.push({ beganMs: this.#intervalStartMs, endedMs: nowMs, taken })
    this.#intervalStartMs = nowMs
  }

  #encode(): void {
    for (const { beganMs, endedMs, taken } of this.#pending.splice(0)) {
      for (const name of NAMES) {
        const histogram = emptyHistogram()
        addCounts(taken[name], histogram)
        if (histogram.totalCount === 0) continue
        this.#total[name].add(histogram)
        if (name !== 'response') histogram.tag = name
        this.#writer.outputIntervalHistogram(histogram, beganMs / 1000, endedMs / 1000)
      }
    }
  }

  /** What `histogram.hlog` holds: the HdrHistogram log format, readable by its other tools. */
  get log(): string {
    this.#encode()
    return this.#log.join('')
  }

  /** What `series.json` holds. */
  get series(): LatencySeries {
    return this.#series.series
  }

  get latency(): LoadLatency {
    this.#encode()
    const fetchLag = this.#total['fetch-lag']
    return {
      responseMs: summaryOf(this.#total.response),
      serviceMs: summaryOf(this.#total.service),
      sendLagMs: summaryOf(this.#total['send-lag']),
      fetchLagMs: fetchLag.totalCount === 0 ? undefined : summaryOf(fetchLag),
    }
  }

  /** A quantile of the response time, however few samples there are. */
  responseMsAt(ratio: number): number {
    this.#encode()
    return this.#total.response.getValueAtPercentile(100 * ratio) / MICROS_PER_MS
  }

  get histograms(): Readonly<Record<HistogramName, string>> {
    this.#encode()
    return perName((name) => encodeHistogram(this.#total[name] as Histogram))
  }
}

function perName<T>(make: (name: HistogramName) => T): Record<HistogramName, T> {
  return {
    response: make('response'),
    service: make('service'),
    'send-lag': make('send-lag'),
    'fetch-lag': make('fetch-lag'),
  }
}
