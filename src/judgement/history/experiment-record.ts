import type { CheckResult, Gate, LatencySummary, Verdict } from './run-record.ts'

/** How long to measure: it sets the rounds. Verdicts that compare need `standard` or more. */
export type Effort = 'smoke' | 'standard' | 'publish'

/** One run that an experiment intends: which cell, in which round, from which seed. */
export type PlannedRun = {
  /** The run's id once it ran; known beforehand, so that an interrupted experiment can go on. */
  readonly id: string
  readonly round: number
  readonly workload: string
  readonly subject: string
  /** Shared by all subjects of a round and workload: they see the same arrivals. */
  readonly seed: number
}

/** What `experiment.json` holds: all that was decided before the first run. */
export type ExperimentPlan = {
  readonly schema: 'raftmark/plan/1'
  readonly id: string
  /** The suite's or workload's name as asked for. */
  readonly name: string
  readonly question: string
  readonly startedAt: string
  /** The command that reproduces it, seed included. */
  readonly command: string
  readonly effort: Effort
  readonly seed: number
  readonly nodes: number
  readonly placement: 'process' | 'in-process'
  readonly subjects: readonly string[]
  readonly workloads: readonly { readonly name: string; readonly rounds: number }[]
  /** In the order in which they run. */
  readonly runs: readonly PlannedRun[]
}

/** One value of one run: what an interval between runs is made of. */
export type RunValue = {
  readonly run: string
  readonly round: number
  readonly rankable: boolean
  readonly achievedPerSecond: number
  readonly responseMs: LatencySummary
  readonly cpuMicrosPerRecord: CpuPerRecord
  readonly syncsPerAck: number | null
}

export type CpuPerRecord = {
  readonly leader: number | null
  readonly followers: number | null
  readonly generator: number | null
}

/** A latency of the document: `null` where there are fewer than ten samples beyond the quantile. */
export type ResponseMs = {
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly p999: number | null
  readonly max: number | null
}

/** One workload × subject of an experiment, over its rankable runs (over all if none is). */
export type ExperimentResult = {
  readonly workload: string
  readonly subject: string
  /** At least half of the runs, and one, held all their gates. */
  readonly rankable: boolean
  readonly verdict: Verdict
  readonly requests: number
  /** The runs that the figures are made of. */
  readonly runs: readonly string[]
  /** The runs that missed a gate or were invalid, and why. */
  readonly leftOut: readonly { readonly run: string; readonly reason: string }[]
  readonly claimedDurability: string
  readonly loop: 'open' | 'closed'
  readonly offeredPerSecond: number | null
  readonly achievedPerSecond: number
  /** Of the merged histogram; never an average of percentiles. */
  readonly responseMs: ResponseMs
  readonly cpuMicrosPerRecord: CpuPerRecord
  readonly syncsPerAck: number | null
  readonly bytesWrittenPerAck: number | null
  readonly rssBytesMax: number | null
  readonly gcPauseMsMax: number | null
  readonly requestsPerFrame: number | null
  readonly failures: Readonly<Record<string, number>>
  /** Of each gate the worst value among `runs`. */
  readonly gates: readonly Gate[]
  readonly checks: readonly CheckResult[]
  readonly perRun: readonly RunValue[]
  /** Engine-only runs. */
  readonly clients?: number
  readonly operationsPerSecond?: number
}

/** B against A in the same rounds: a ratio of 1.1 says that B's figure is 10 % higher. */
export type PairedRatio = {
  readonly workload: string
  readonly a: string
  readonly b: string
  readonly metric: string
  /** Rounds in which both have a rankable run. */
  readonly rounds: number
  /** Hodges–Lehmann estimate of B ÷ A over the rounds. */
  readonly estimate: number
  /** Exact signed-rank interval; `null` with fewer than six rounds. */
  readonly low: number | null
  readonly high: number | null
  readonly confidence: number | null
}

/** What `run --json` prints: described by docs/schemas/experiment.schema.json. */
export type ExperimentDocument = {
  readonly schema: 'raftmark/experiment/1'
  readonly id: string
  readonly name: string
  readonly question: string
  readonly startedAt: string
  readonly command: string
  readonly effort: Effort
  readonly seed: number
  readonly nodes: number
  readonly placement: 'process' | 'in-process'
  readonly verdict: Verdict
  readonly runsPlanned: number
  readonly runsDone: number
  readonly results: readonly ExperimentResult[]
  readonly ratios: readonly PairedRatio[]
  /** What can and what cannot be concluded, in sentences. */
  readonly conclusions: readonly string[]
  /** Why it ended early; absent when it did not. */
  readonly interrupted?: string
  readonly harnessHash: string | null
  readonly versions: Readonly<Record<string, string>>
  readonly machine: unknown
  readonly calibration: unknown
}
