import type { Durability } from '../../contract/durability.ts'
import type { RunEvent } from './latency-series.ts'
import type { RunTrends } from './run-trends.ts'

/** Of several verdicts the worst counts: invalid, then unknown, then valid. */
export type Verdict = 'valid' | 'invalid' | 'unknown'

/** What one check found, with the smallest explanation when it is not `valid`. */
export type CheckResult = {
  readonly check: string
  readonly verdict: Verdict
  readonly explanation: string
}

/** A condition under which a measurement means something. */
export type Gate = {
  readonly name: string
  readonly held: boolean
  readonly value: number
  readonly limit: number
  /** Unit of value and limit: `ms`, `ratio`, `count`, or `class` (2 is D2). */
  readonly unit: string
}

/** Quantiles in milliseconds; `undefined` where the samples do not carry them. */
export type LatencySummary = {
  readonly p50: number | undefined
  readonly p90: number | undefined
  readonly p99: number | undefined
  readonly p999: number | undefined
  readonly max: number | undefined
  readonly count: number
}

/** One fresh cluster that carried one workload once: what `run.json` holds. */
export type RunRecord = {
  readonly schema: 'raftmark/run/1'
  readonly id: string
  readonly experiment: string
  readonly round: number
  readonly workload: string
  readonly subject: string
  /** All that decides what was run: the workload as resolved, with its defaults. */
  readonly resolvedWorkload: unknown
  readonly claimedDurability: Durability
  readonly placement: 'process' | 'in-process'
  readonly nodes: number
  readonly seed: number
  readonly startedAt: string
  readonly durationMs: number
  readonly verdict: Verdict
  readonly checks: readonly CheckResult[]
  readonly rankable: boolean
  readonly gates: readonly Gate[]
  readonly figures: RunFigures
  /** From series.json and the samples in counters.json. */
  readonly trends?: RunTrends
  readonly versions: Readonly<Record<string, string>>
  /** SHA-256 over the harness's own code: results of different harnesses are not compared. */
  readonly harnessHash: string
  readonly machine: unknown
  /** Of the generator's main thread: `real-time` and `raised` go before the nodes. */
  readonly generatorScheduling?: 'real-time' | 'raised' | 'usual'
  readonly calibration: unknown
  /** The machine right before the run's round, without our nodes. */
  readonly probe?: unknown
  /** Elections and faults in the measured part; absent when there were none. */
  readonly events?: readonly RunEvent[]
  /** Why a run ended early; absent when it did not. */
  readonly interrupted?: string
}

/** Everything measured in the measured part of a run; warm-up is outside. */
export type RunFigures = {
  readonly requests: number
  /** Requests that ended with another code than OK, by code. */
  readonly failures: Readonly<Record<string, number>>
  readonly offeredPerSecond: number | undefined
  readonly achievedPerSecond: number
  /** done − intended. Unanswered and unsent requests are in it at their timeout. */
  readonly responseMs: LatencySummary
  /** done − sent: a diagnostic. */
  readonly serviceMs: LatencySummary
  /** sent − intended: the generator's own lateness. */
  readonly sendLagMs: LatencySummary
  /** Consumer: record visible − its batch acknowledged or sent, see METHOD.md. */
  readonly fetchLagMs: LatencySummary | undefined
  readonly cpuMicrosPerRecord: {
    readonly leader: number | undefined
    /** Sum over the followers. */
    readonly followers: number | undefined
    readonly generator: number | undefined
  }
  readonly syncsPerAck: number | undefined
  readonly bytesWrittenPerAck: number | undefined
  /** The same as the machine's disks were given it, by whomever; absent where it is not told. */
  readonly diskBytesWrittenPerAck?: number
  readonly rssBytesMax: number | undefined
  readonly gcPauseMsTotal: number | undefined
  readonly gcPauseMsMax: number | undefined
  readonly elections: number | undefined
  /** Mean requests per frame as sent: it shapes natural batching. */
  readonly requestsPerFrame: number | undefined
  /** Workloads with injected delays: what they really came to. */
  readonly injected?: InjectedDelays
  /** Workloads whose consumers pause. */
  readonly catchUp?: CatchUp
  /** Workloads that search a rate. */
  readonly search?: RateFinding
  /** Engine-only runs. */
  readonly clients?: number
  readonly operationsPerSecond?: number
}

/**
 * Medians of what was really added, of the node where it was longest: a timer rings up to a
 * millisecond late. Absent is what was not injected.
 */
export type InjectedDelays = {
  readonly syncDelayMs?: number
  /** Twice the delay of one way. */
  readonly roundTripMs?: number
}

/** How consumers that had paused came to the end of the log again. */
export type CatchUp = {
  /** Acknowledged and not read, when they went on; of all consumers together. */
  readonly backlogRecords: number
  /** From then until none of them was behind what was acknowledged. */
  readonly seconds: number
}

/** A search for the highest rate that holds; the run's other figures are of the measured rate. */
export type RateFinding = {
  readonly probes: readonly RateProbe[]
  /** The rate that was measured: the highest that held; the lowest tried when none did. */
  readonly ratePerSecond: number
  /** Whether any rate held. */
  readonly hasHeld: boolean
  /** Whether the rate kept to the same rule in the longer, measured run. */
  readonly isConfirmed: boolean
}

/** One probe: a rate that broke the rule is tried a second time. */
export type RateProbe = {
  readonly ratePerSecond: number
  readonly held: boolean
  /** That were due before the probe ended, or was cut short for having broken the rule. */
  readonly requests: number
  readonly failed: number
  /** That took longer than the workload allows. */
  readonly slow: number
}
