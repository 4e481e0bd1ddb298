import type { CatchUp, CheckResult } from '../../judgement/history/run-record.ts'
import type { Workload } from '../workload/workload.ts'
import type { LatencyRecorder } from './latency-recorder.ts'
import type { LoadReport } from './plan.ts'
import { type RateProbing, SLOW_RATIO_MAX } from './rate-probing.ts'
import type { TallyCounts } from './tally.ts'

const NS_PER_MS = 1_000_000
const NS_PER_SECOND = 1_000_000_000

/** Answers may come so long after the last operation was due without lowering the rate. */
const LAST_ANSWER_NS = 100 * NS_PER_MS

export type LoadOutcome = {
  readonly workload: Workload
  /** That were due (open loop) or begun (closed loop) in the measured phase. */
  readonly requests: number
  readonly counts: TallyCounts
  readonly failures: Readonly<Record<string, number>>
  readonly checks: readonly CheckResult[]
  readonly measureBeganNs: number
  /** Length of the measured phase; 0 when it was not reached. */
  readonly windowNs: number
  readonly frames: number | undefined
  readonly recorder: LatencyRecorder
  readonly recordsConsumed: number
  readonly recordsReplayed: number
  readonly catchUp: CatchUp | undefined
  readonly probing: RateProbing | undefined
  readonly interrupted: string | undefined
}

export function reportOf(outcome: LoadOutcome): LoadReport {
  const { workload, counts, requests, windowNs, frames, recorder, interrupted } = outcome
  const isOpen = workload.arrival.kind !== 'closed'
  return {
    warmUpRequests: counts.warmUpRequests,
    requests,
    acknowledged: counts.acknowledged,
    recordsAcknowledged: counts.acknowledged * workload.recordsPerBatch,
    failures: outcome.failures,
    retries: counts.retries,
    measuredMs: windowNs / NS_PER_MS,
    offeredPerSecond: isOpen ? perSecond(requests, windowNs) : undefined,
    achievedPerSecond: achievedPerSecond(outcome),
    latency: recorder.latency,
    histograms: recorder.histograms,
    checks: outcome.checks,
    recordsConsumed: outcome.recordsConsumed,
    recordsReplayed: outcome.recordsReplayed,
    ...(outcome.catchUp === undefined ? {} : { catchUp: outcome.catchUp }),
    ...findingOf(outcome),
    requestsPerFrame: frames ? (requests + counts.retries) / frames : undefined,
    ...(interrupted === undefined ? {} : { interrupted }),
  }
}

/** The measured run confirms a rate by the rule that its probe held by. */
function findingOf({
  workload,
  probing,
  failures,
  recorder,
}: LoadOutcome): Pick<LoadReport, 'search'> {
  if (probing === undefined || workload.arrival.kind !== 'search') return {}
  const isSlow = recorder.responseMsAt(1 - SLOW_RATIO_MAX) > workload.arrival.slowMs
  return { search: probing.finding(Object.keys(failures).length === 0 && !isSlow) }
}

/**
 * Closed loop: what was acknowledged in the phase, over its length. Open loop: all that was
 * acknowledged, over the time until the last answer, so that a backlog lowers it.
 */
function achievedPerSecond({ workload, counts, windowNs, measureBeganNs }: LoadOutcome): number {
  if (workload.arrival.kind === 'closed') return perSecond(counts.acknowledgedInWindow, windowNs)
  const untilLastNs = counts.lastAckNs - measureBeganNs - LAST_ANSWER_NS
  return perSecond(counts.acknowledged, Math.max(windowNs, untilLastNs))
}

const perSecond = (count: number, ns: number): number =>
  ns <= 0 ? 0 : (count * NS_PER_SECOND) / ns
