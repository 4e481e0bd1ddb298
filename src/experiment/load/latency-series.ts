import type { LatencySeries } from '../../judgement/history/latency-series.ts'
import { carriesQuantile } from '../../judgement/stats/quantile.ts'

const NS_PER_MS = 1_000_000
const NS_PER_MICRO = 1_000
const MICROS_PER_MS = 1_000

/** As many fit on a page; the memory of a run's series is bounded by it. */
const SLOTS_MAX = 120
const SLOT_MS = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000]

/** Buckets per octave: a quantile is at most one sixteenth above the exact one. */
const HALF_BITS = 4
const MICROS_MAX = 2 ** 31 - 1
const BUCKETS = bucketOf(MICROS_MAX) + 1

/**
 * Latencies by the moment at which each operation was due. A few coarse counts per slot instead of
 * a histogram: recording costs two increments, and an hour needs no more memory than a second.
 */
export class SeriesRecorder {
  readonly #slotMs: number
  readonly #slots: number
  readonly #counts: Int32Array
  readonly #requests: Int32Array
  readonly #unacknowledged: Int32Array
  readonly #microsMax: Float64Array
  #beganNs = 0

  constructor(measureSeconds: number) {
    this.#slotMs = slotMsFor(measureSeconds)
    this.#slots = Math.max(1, Math.ceil((measureSeconds * 1_000) / this.#slotMs))
    this.#counts = new Int32Array(this.#slots * BUCKETS)
    this.#requests = new Int32Array(this.#slots)
    this.#unacknowledged = new Int32Array(this.#slots)
    this.#microsMax = new Float64Array(this.#slots)
  }

  begin(nowNs: number): void {
    this.#beganNs = nowNs
  }

  record(intendedNs: number, responseNs: number, isAcknowledged: boolean): void {
    const elapsedMs = (intendedNs - this.#beganNs) / NS_PER_MS
    const slot = Math.min(this.#slots - 1, Math.max(0, Math.floor(elapsedMs / this.#slotMs)))
    const micros = Math.min(MICROS_MAX, Math.max(0, responseNs / NS_PER_MICRO))
    const at = slot * BUCKETS + bucketOf(micros | 0)
    this.#counts[at] = (this.#counts[at] as number) + 1
    this.#requests[slot] = (this.#requests[slot] as number) + 1
    if (!isAcknowledged) this.#unacknowledged[slot] = (this.#unacknowledged[slot] as number) + 1
    if (micros > (this.#microsMax[slot] as number)) this.#microsMax[slot] = micros
  }

  get series(): LatencySeries {
    const slots = Array.from({ length: this.#slots }, (_, slot) => slot)
    return {
      schema: 'raftmark/series/1',
      slotMs: this.#slotMs,
      requests: [...this.#requests],
      unacknowledged: [...this.#unacknowledged],
      p50Ms: slots.map((slot) => this.#quantileMs(slot, 0.5)),
      p99Ms: slots.map((slot) => this.#quantileMs(slot, 0.99)),
      maxMs: slots.map((slot) =>
        this.#requests[slot] === 0
          ? null
          : Math.round(this.#microsMax[slot] as number) / MICROS_PER_MS,
      ),
    }
  }

  #quantileMs(slot: number, ratio: number): number | null {
    const count = this.#requests[slot] as number
    if (!carriesQuantile(count, ratio)) return null
    let left = Math.ceil(ratio * count)
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      left -= this.#counts[slot * BUCKETS + bucket] as number
      if (left > 0) continue
      const micros = Math.min(highestIn(bucket), this.#microsMax[slot] as number)
      return Math.round(micros) / MICROS_PER_MS
    }
    return null
  }
}

function slotMsFor(measureSeconds: number): number {
  const least = (measureSeconds * 1_000) / SLOTS_MAX
  return SLOT_MS.find((slotMs) => slotMs >= least) ?? Math.ceil(least)
}

/** As in HdrHistogram, with fewer digits. `micros` is an integer in [0, MICROS_MAX]. */
function bucketOf(micros: number): number {
  const octave = 32 - HALF_BITS - 1 - Math.clz32(micros | (2 ** (HALF_BITS + 1) - 1))
  return (octave << HALF_BITS) + (micros >>> octave)
}

function highestIn(bucket: number): number {
  const half = 2 ** HALF_BITS
  if (bucket < 2 * half) return bucket
  const octave = (bucket >>> HALF_BITS) - 1
  return ((bucket & (half - 1)) + half + 1) * 2 ** octave - 1
}
