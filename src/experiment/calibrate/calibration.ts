/** Quantiles in milliseconds of `count` samples, nearest rank. */
export type Quantiles = { readonly p50: number; readonly p99: number; readonly count: number }

/** What this machine can do, measured in under 3 s right before an experiment. */
export type Calibration = {
  readonly schema: 'raftmark/calibration/1'
  readonly takenAt: string
  /** Append of 4 KiB and fdatasync, in the results directory's file system. */
  readonly syncMs: Quantiles
  /** 100 bytes over TCP on 127.0.0.1 to another process and back, nothing else in flight. */
  readonly roundTripMs: Quantiles
  /** How late a 1 ms timer of an idle event loop rings: the send lag's floor. */
  readonly timerLatenessMs: Quantiles
  /** Rounds of a fixed integer loop per microsecond on one core. Higher is faster. */
  readonly coreScore: number
  /** Share of the calibration in which its thread was ready to run and had no core. */
  readonly runDelayRatio: number
  /** Share of the machine's time that the hypervisor gave to others. */
  readonly stealRatio: number
  /** In words: why which figure is not to be trusted. */
  readonly warnings: readonly string[]
}

/**
 * Measures in `directory` (made if needed, left empty of our files). Rejects with RaftmarkError
 * `directory-unusable` when nothing can be written there.
 */
export declare function calibrate(options: { readonly directory: string }): Promise<Calibration>
