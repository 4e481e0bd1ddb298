import type { Durability } from '../../contract/durability.ts'
import type { Ablation, PlannedAblation } from './ablation.ts'
import type { MetricComparison, PrimaryMetric } from './metric-comparison.ts'
import type { NoiseFloor } from './noise-floor.ts'
import type { CheckResult, Gate, Verdict } from './run-record.ts'
import type { RunTrends } from './run-trends.ts'

export type { MetricComparison, PrimaryMetric } from './metric-comparison.ts'

/** How long to measure: it sets the rounds. `own`: what the suite says. */
export type Effort = 'own' | 'smoke' | 'standard' | 'publish'

/** One run that an experiment intends: which cell, in which round, from which seed. */
export type PlannedRun = {
  /** The run's id once it ran; known beforehand, so that an interrupted experiment can go on. */
  readonly id: string
  readonly round: number
  readonly workload: string
  readonly subject: string
  /** Shared by all subjects of a round and workload: they see the same arrivals. */
  readonly seed: number
  /** Runs of one name share a cluster, one after the other, each on new partitions. */
  readonly cluster: string
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
  /** Of the harness that planned it: another one does not go on with it. */
  readonly harnessHash: string
  /** What was asked for, to be resolved again when the experiment goes on. */
  readonly request: PlannedRequest
  readonly subjects: readonly string[]
  readonly workloads: readonly PlannedWorkload[]
  /** Absent in plans of earlier versions: then each workload's first metric is. */
  readonly primary?: readonly PrimaryMetric[]
  /** Of an ablation: what it walks through. Its points are the subjects. */
  readonly ablation?: PlannedAblation
  /** Of this machine, as far as it was known when the experiment began. */
  readonly noiseFloor?: NoiseFloor
  /** In the order in which they run. */
  readonly runs: readonly PlannedRun[]
}

export type PlannedRequest = {
  readonly names: readonly string[]
  readonly subjects: readonly string[]
  readonly rounds: number | null
  readonly durability: Durability | null
  readonly cpus: readonly ('shared' | 'apart')[]
  /** Folders of rafts beside the shipped ones, absolute. */
  readonly adapters: readonly string[]
}

export type PlannedWorkload = {
  /** With its variant, as results and comparisons call it: `rate-ladder ratePerSecond=300`. */
  readonly name: string
  /** The workload's file: cases of one sweep share it, and form its curve or map. */
  readonly file: string
  /** Which values of the file's sweep this is, in the file's order of keys; null without one. */
  readonly variant: Readonly<Record<string, number | string>> | null
  readonly question: string
  readonly caveat: string | null
  readonly rounds: number
}

/** One value of one run: what an interval between runs is made of. */
export type RunValue = {
  readonly run: string
  readonly round: number
  readonly rankable: boolean
  readonly achievedPerSecond: number
  readonly responseMs: ResponseMs
  readonly cpuMicrosPerRecord: CpuPerRecord
  readonly syncsPerAck: number | null
  /** The highest rate that held; null where none was searched, or none held. */
  readonly maxRatePerSecond: number | null
  /** Absent for runs that kept no series. */
  readonly trends?: RunTrends
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

/** The rates that the runs found, and how far they agree. */
export type RateSummary = {
  /** Median over the runs in which a rate held; null if none did. */
  readonly ratePerSecond: number | null
  /** Exact 95 % signed-rank interval of it over the runs; null below six. */
  readonly low: number | null
  readonly high: number | null
  /** Runs in which a rate held. */
  readonly held: number
  /** Of these, runs whose measured part kept to the same rule. Only where `measureRatio` is 1. */
  readonly confirmed: number
  readonly measureRatio: number
}

/** What was asked to be added, and the median over the runs of what was; null if never reached. */
export type InjectedDelay = { readonly askedMs: number; readonly achievedMs: number | null }

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
  /** As the machine's disks were given it, by whomever; absent in results of earlier versions. */
  readonly diskBytesWrittenPerAck?: number | null
  /** Of records' values in an acknowledged batch; absent where the workload mixes sizes. */
  readonly payloadBytesPerAck?: number
  readonly rssBytesMax: number | null
  readonly gcPauseMsMax: number | null
  readonly requestsPerFrame: number | null
  /** Delays that were injected; null where none was. */
  readonly injected: {
    readonly syncDelayMs: InjectedDelay | null
    readonly roundTripMs: InjectedDelay | null
  }
  /** Workloads that search a rate; null for others. Every run's probes are in its run.json. */
  readonly search: RateSummary | null
  readonly failures: Readonly<Record<string, number>>
  /** Of each gate the worst value among `runs`. */
  readonly gates: readonly Gate[]
  readonly checks: readonly CheckResult[]
  readonly perRun: readonly RunValue[]
  /** Engine-only runs. */
  readonly clients?: number
  readonly operationsPerSecond?: number
}

/** A round of a workload that something foreign disturbed: no subject's run of it counts. */
export type DroppedRound = {
  readonly workload: string
  readonly round: number
  /** The run that saw it first. */
  readonly run: string
  readonly reason: string
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
  readonly workloads: readonly PlannedWorkload[]
  /** What it was declared to decide. */
  readonly primary: readonly PrimaryMetric[]
  readonly results: readonly ExperimentResult[]
  readonly droppedRounds: readonly DroppedRound[]
  /** Where `noise` of the comparisons comes from; absent when none was known. */
  readonly noiseFloor?: NoiseFloor
  readonly comparisons: readonly MetricComparison[]
  /** Of an ablation: what each choice buys. */
  readonly ablation?: Ablation
  /** What can and what cannot be concluded, in sentences. */
  readonly conclusions: readonly string[]
  /** Why it ended early; absent when it did not. */
  readonly interrupted?: string
  readonly harnessHash: string | null
  readonly versions: Readonly<Record<string, string>>
  readonly machine: unknown
  readonly calibration: unknown
}

/** What `compare --json` prints: B, measured against A. */
export type ComparisonDocument = {
  readonly schema: 'raftmark/comparison/1'
  readonly a: string
  readonly b: string
  readonly experiments: readonly string[]
  /** Whether both ran in the same rounds; otherwise drift of the machine is in every interval. */
  readonly paired: boolean
  /** Why this comparison would have been refused, had it not been forced. */
  readonly forced: readonly string[]
  readonly metrics: readonly MetricComparison[]
  readonly thresholds: readonly ThresholdResult[]
  readonly conclusions: readonly string[]
}

/** What became of one `--fail-on`. */
export type ThresholdResult = {
  readonly expression: string
  readonly workload: string
  readonly metric: string
  /** `undecided`: no interval, or one that reaches over the threshold. */
  readonly outcome: 'held' | 'failed' | 'undecided'
  readonly reason: string
}
