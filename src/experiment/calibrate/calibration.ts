import type { FileSystem } from '../../os/machine.ts'

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
  /** Share of the core loop's time in which its thread was ready to run and had no core. */
  readonly runDelayRatio: number
  /** Share of the machine's time during the calibration that the hypervisor gave to others. */
  readonly stealRatio: number
  /** In words: why which figure is not to be trusted. */
  readonly warnings: readonly string[]
}

/** The same in short, before a round, while no node runs: how the machine has changed since. */
export type MachineProbe = Pick<Calibration, 'syncMs' | 'runDelayRatio'>

/** What `raftmark calibrate` measures, in about five seconds. */
export type FullCalibration = Omit<Calibration, 'schema'> & {
  readonly schema: 'raftmark/calibration-full/1'
  /** Append and fdatasync by size, smallest first. */
  readonly syncs: readonly { readonly bytes: number; readonly syncMs: Quantiles }[]
  /** Appends of 1 MiB in a row with one sync at the end. */
  readonly writtenBytesPerSecond: number
  readonly fileSystem: FileSystem
  readonly fio: FioSecondOpinion
}

/** The disk's figures as fio measures them, right after ours, in the same folder. */
export type FioSecondOpinion =
  | { readonly state: 'not-installed'; readonly wouldCompare: readonly string[] }
  | { readonly state: 'failed'; readonly reason: string }
  | {
      readonly state: 'compared'
      readonly version: string
      readonly syncs: readonly FioSync[]
      readonly writtenBytesPerSecond: number
      /** Ours ÷ fio's. */
      readonly bandwidthRatio: number
    }

/** fio times the write and the fdatasync apart; `syncMs` of ours is both together. */
export type FioSync = {
  readonly bytes: number
  readonly fdatasyncMs: Quantiles
  readonly writeMsP50: number
  /** Our median ÷ the sum of fio's two medians. */
  readonly ratio: number
}

/** Nearest rank: the smallest sample that at least that share of the samples does not exceed. */
export function quantilesOf(samplesMs: readonly number[]): Quantiles {
  const sorted = [...samplesMs].sort((a, b) => a - b)
  const at = (ratio: number) => sorted[Math.max(0, Math.ceil(ratio * sorted.length) - 1)] ?? NaN
  return { p50: at(0.5), p99: at(0.99), count: sorted.length }
}

/** No device makes 4 KiB durable faster: something between us and it only pretends to. */
const SYNC_MS_CREDIBLE_MIN = 0.02

/** File systems that live in memory: nothing on them survives a power cut. */
const VOLATILE_FILE_SYSTEMS = ['tmpfs', 'ramfs', 'devtmpfs']

/** Above it, foreign load would be measured instead of a design. */
const NOISE_RATIO_MAX = 0.02

/** Why which figure of a calibration in a file system of this type is not to be trusted. */
export function warningsOf(
  figures: Pick<Calibration, 'syncMs' | 'runDelayRatio' | 'stealRatio'>,
  fileSystemType: string,
): readonly string[] {
  const { syncMs, runDelayRatio, stealRatio } = figures
  const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`
  const isVolatile = VOLATILE_FILE_SYSTEMS.includes(fileSystemType)
  const warnings: [boolean, string][] = [
    [
      isVolatile,
      `the results lie on ${fileSystemType}, in memory: figures of real disks mean nothing there`,
    ],
    [
      !isVolatile && syncMs.p50 < SYNC_MS_CREDIBLE_MIN,
      `a sync takes ${(syncMs.p50 * 1_000).toFixed(0)} µs, which no disk can: it does not sync`,
    ],
    [
      runDelayRatio > NOISE_RATIO_MAX,
      `other programs use this machine: ${percent(runDelayRatio)} of the time no core was free`,
    ],
    [
      stealRatio > NOISE_RATIO_MAX,
      `the hypervisor gave ${percent(stealRatio)} of this machine's time to others`,
    ],
  ]
  return warnings.filter(([applies]) => applies).map(([, words]) => words)
}
