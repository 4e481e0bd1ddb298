import type {
  CatchUp,
  CheckResult,
  LatencySummary,
  RateFinding,
} from '../../judgement/history/run-record.ts'
import type { Workload } from '../workload/workload.ts'

/** All that the generator process is told. */
export type LoadPlan = {
  readonly runId: string
  /** For the history's first line; the run's id if absent. */
  readonly subject?: string
  readonly seed: number
  /** As resolved: no sweep, all defaults. */
  readonly workload: Workload
  readonly nodes: readonly { readonly node: number; readonly address: string }[]
  /** The node to try first; hints of NOT_LEADER lead on from there. */
  readonly firstLeader: number
  /**
   * The groups of this workload, `workload.partitions` of them, nothing written to them yet: a
   * shared cluster gives each workload new ones.
   */
  readonly groups: readonly number[]
  /** Where to write; `history` only when the workload asks for one. */
  readonly files: { readonly histogram: string; readonly series: string; readonly history?: string }
}

/**
 * `warm-up`: closed loop at the run's frame shape, until the parent says `measure` or the limit
 * passed. `search`: rates are tried, for workloads that want it. `measure`: the workload itself.
 * `drain`: nothing new is sent, answers and consumers catch up. Consumers tail in all of them; the
 * records of the warm-up are checked too.
 */
export type LoadPhase = 'warm-up' | 'rehearsal' | 'search' | 'measure' | 'drain'

/** What the parent says. The channel's end ends the generator. */
export type ToGenerator =
  | { readonly kind: 'plan'; readonly plan: LoadPlan }
  /** The cluster is warm: begin. Without effect in another phase. */
  | { readonly kind: 'measure' }
  /** Somebody pressed Ctrl-C: drain now and report what there is. */
  | { readonly kind: 'stop' }

/** What the generator says. */
export type FromGenerator =
  /** It is connected and has begun the phase: the moment to read CPU times. */
  | { readonly kind: 'phase'; readonly phase: LoadPhase }
  | { readonly kind: 'slice'; readonly slice: LoadSlice }
  /** Its last message. */
  | { readonly kind: 'report'; readonly report: LoadReport }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string | undefined }

/** One slice of a phase, `SLICE_MS` long. */
export type LoadSlice = {
  readonly phase: LoadPhase
  /** Since the phase began, at the slice's end. */
  readonly elapsedMs: number
  /** Produce operations that ended well within the slice. */
  readonly requestsDone: number
  readonly requestsFailed: number
}

/** Long enough for the CPU clock (10 ms a tick in /proc) to see 4 % of one core. */
export const SLICE_MS = 250

/** What the generator saw. Figures are of the measured phase alone. */
export type LoadReport = {
  readonly warmUpRequests: number
  /** Operations that were due (open loop) or begun (closed loop). */
  readonly requests: number
  /** Of these, answered OK. */
  readonly acknowledged: number
  readonly recordsAcknowledged: number
  /** By code, also UNSENT (window full until the timeout) and UNANSWERED. */
  readonly failures: Readonly<Record<string, number>>
  /** Attempts beyond each operation's first. */
  readonly retries: number
  /** From the phase's begin to the last moment that an operation was due or begun. */
  readonly measuredMs: number
  readonly offeredPerSecond: number | undefined
  readonly achievedPerSecond: number
  readonly latency: LoadLatency
  /** The same, to be merged over runs: HdrHistogram V2, compressed, base64, microseconds. */
  readonly histograms: Readonly<Record<HistogramName, string>>
  /** Named `consumed-records` while the load ran. None without consumers. */
  readonly checks: readonly CheckResult[]
  /** By the tailing consumers together. */
  readonly recordsConsumed: number
  /** By the replaying ones, each time counted. */
  readonly recordsReplayed: number
  /** After `consumerPauseSeconds`; absent without a pause, or when they have not caught up. */
  readonly catchUp?: CatchUp
  /** How the rate was found, for workloads that search one. */
  readonly search?: RateFinding
  /** Mean requests per produce frame as sent; `undefined` when the client does not count frames. */
  readonly requestsPerFrame: number | undefined
  /** Why it ended early; absent when it did not. */
  readonly interrupted?: string
}

/**
 * `response`: done − intended, of every operation; unanswered and unsent ones at their timeout.
 * `service`: done − sent (last attempt), a diagnostic. `send-lag`: sent (first attempt) −
 * intended. `fetch-lag`: a batch seen by a consumer − its first attempt sent.
 */
export type HistogramName = 'response' | 'service' | 'send-lag' | 'fetch-lag'

export type LoadLatency = {
  readonly responseMs: LatencySummary
  readonly serviceMs: LatencySummary
  readonly sendLagMs: LatencySummary
  readonly fetchLagMs: LatencySummary | undefined
}
