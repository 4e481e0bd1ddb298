/**
 * Response times of one run over its measured part: what `series.json` holds. A slot holds the
 * operations that were *due* in it, so that whoever waited through a stall is seen when it began.
 */
export type LatencySeries = {
  readonly schema: 'raftmark/series/1'
  /** Length of a slot; the first begins with the measured part. */
  readonly slotMs: number
  /** Operations that were due (open loop) or begun (closed loop), slot by slot. */
  readonly requests: readonly number[]
  /** Of these, without an acknowledgement: they count at their timeout. */
  readonly unacknowledged: readonly number[]
  /** At most 6 % above the exact one; `null` with fewer than 20 operations. */
  readonly p50Ms: readonly (number | null)[]
  /** The same; `null` with fewer than 1,000 operations. */
  readonly p99Ms: readonly (number | null)[]
  /** To the microsecond; `null` in a slot without operations. */
  readonly maxMs: readonly (number | null)[]
}

/** Something that happened in the measured part, shown as a band over the latencies. */
export type RunEvent = {
  readonly kind: 'election' | 'fault'
  /** Since the measured part began. */
  readonly beganMs: number
  /** Until when it lasted, or could have happened. */
  readonly endedMs: number
  readonly label: string
}
