/** How a run went over its measured part. */
export type RunTrends = {
  /** `null` for a run too short to tell: below thirty windows that carry the figure. */
  readonly steadiness: Steadiness | null
  /** What creeps; empty for runs below a minute. */
  readonly slopes: readonly Slope[]
}

export type Steadiness = {
  /** Of what: the median per window in an open loop, operations per window in a closed one. */
  readonly figure: 'p50Ms' | 'requests'
  readonly class: 'flat' | 'warm-up' | 'slowdown' | 'no-steady-state'
  /** Since the measured part began; `null` without a steady tail. */
  readonly steadyFromMs: number | null
}

/** Theil–Sen over the windows of one run. Its interval is that run's: other runs may differ. */
export type Slope = {
  /** Milliseconds, or bytes of all nodes together. */
  readonly figure: 'p50Ms' | 'p99Ms' | 'rssBytes' | 'writtenBytes'
  /** Change in an hour. */
  readonly perHour: number
  readonly low: number
  readonly high: number
  /** Median over the run: what the slope is to be read against. */
  readonly level: number
}

/** What the nodes used at one moment of the measured part. */
export type ResourceSample = {
  readonly atMs: number
  readonly rssBytes: number
  readonly writtenBytes: number
}
