import type {
  ExperimentDocument,
  ExperimentResult,
  InjectedDelay,
  MetricComparison,
  RateSummary,
} from '../judgement/history/experiment-record.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import { quantityOrNone } from './quantity.ts'
import type { TextTable } from './table-text.ts'

/** Comparisons with their intervals, each of its metric alone, for people. */
export function comparisonTable(comparisons: readonly MetricComparison[]): TextTable {
  return {
    head: [
      'workload',
      'metric',
      'B ÷ A',
      '95 % interval',
      'verdict',
      'detect- able (noise)',
      'rounds',
    ],
    rows: comparisons.map((one) => [
      one.workload,
      roledLabel(one),
      ratio(one.estimate),
      one.low === null || one.high === null ? 'none' : `${ratio(one.low)}–${ratio(one.high)}`,
      one.verdict,
      one.noise === null ? ratio(one.detectable) : `${ratio(one.detectable)} (${ratio(one.noise)})`,
      String(one.rounds),
    ]),
  }
}

/** A metric by the word that a reader has for it. */
export const metricLabel = (metric: string): string => metricLabels[metric] ?? metric

const metricLabels: Readonly<Record<string, string>> = {
  'responseMs.p50': 'p50',
  'responseMs.p99': 'p99',
  'cpuMicrosPerRecord.leader': 'leader CPU',
  'cpuMicrosPerRecord.followers': 'followers CPU',
  achievedPerSecond: 'capacity',
  maxRatePerSecond: 'max rate',
}

/** Only what was declared is called by its role: the others are many. */
export const roledLabel = ({ metric, role }: MetricComparison): string =>
  `${metricLabel(metric)}${role === 'primary' ? ' (primary)' : ''}`

/** One row per workload × subject, every figure at full precision: for other programs. */
export function resultTable(results: readonly ExperimentResult[]): TextTable {
  const rows = results.map((result) => ({
    workload: result.workload,
    subject: result.subject,
    rankable: String(result.rankable),
    verdict: result.verdict,
    claimedDurability: result.claimedDurability,
    runs: String(result.runs.length),
    requests: String(result.requests),
    offeredPerSecond: exact(result.offeredPerSecond),
    achievedPerSecond: exact(result.achievedPerSecond),
    p50Ms: exact(result.responseMs.p50),
    p90Ms: exact(result.responseMs.p90),
    p99Ms: exact(result.responseMs.p99),
    p999Ms: exact(result.responseMs.p999),
    maxMs: exact(result.responseMs.max),
    leaderCpuMicrosPerRecord: exact(result.cpuMicrosPerRecord.leader),
    followersCpuMicrosPerRecord: exact(result.cpuMicrosPerRecord.followers),
    generatorCpuMicrosPerRecord: exact(result.cpuMicrosPerRecord.generator),
    syncsPerAck: exact(result.syncsPerAck),
    bytesWrittenPerAck: exact(result.bytesWrittenPerAck),
    diskBytesWrittenPerAck: exact(result.diskBytesWrittenPerAck),
    payloadBytesPerAck: exact(result.payloadBytesPerAck),
    clients: exact(result.clients),
    operationsPerSecond: exact(result.operationsPerSecond),
  }))
  return tableOf(rows)
}

/** What the searches of a cell's runs found, and how far they agree. */
export function searchText(search: RateSummary, runs: number): string {
  const { ratePerSecond, low, high, held, confirmed, measureRatio } = search
  if (ratePerSecond === null) return `no rate held in any of ${runs} runs`
  const interval =
    low === null || high === null
      ? 'no interval below six runs'
      : `95 % interval ${quantityOrNone(low)}–${quantityOrNone(high)}`
  const proof =
    measureRatio === 1
      ? `confirmed by ${confirmed} of ${held} longer runs`
      : `measured at ${measureRatio} of it`
  return `highest rate that held ${quantityOrNone(ratePerSecond)}/s (${interval}), ${proof}`
}

/** What was injected, as asked and as it came out. */
export function injectedTexts({
  syncDelayMs,
  roundTripMs,
}: ExperimentResult['injected']): readonly string[] {
  const text = (what: string, delay: InjectedDelay | null) =>
    delay === null
      ? []
      : [`injected ${what} +${delay.askedMs} ms (achieved ${quantityOrNone(delay.achievedMs)} ms)`]
  return [...text('sync', syncDelayMs), ...text('round trip', roundTripMs)]
}

/** One row per run. */
export function runTable(runs: readonly RunRecord[]): TextTable {
  const rows = runs.map(({ figures, ...run }) => ({
    run: run.id,
    experiment: run.experiment,
    round: String(run.round),
    workload: run.workload,
    subject: run.subject,
    startedAt: run.startedAt,
    seed: String(run.seed),
    verdict: run.verdict,
    rankable: String(run.rankable),
    missedGates: run.gates
      .filter(({ held }) => !held)
      .map(({ name }) => name)
      .join(' '),
    requests: String(figures.requests),
    achievedPerSecond: exact(figures.achievedPerSecond),
    p50Ms: exact(figures.responseMs.p50),
    p99Ms: exact(figures.responseMs.p99),
    maxMs: exact(figures.responseMs.max),
    leaderCpuMicrosPerRecord: exact(figures.cpuMicrosPerRecord.leader),
    followersCpuMicrosPerRecord: exact(figures.cpuMicrosPerRecord.followers),
    generatorCpuMicrosPerRecord: exact(figures.cpuMicrosPerRecord.generator),
    syncsPerAck: exact(figures.syncsPerAck),
  }))
  return tableOf(rows)
}

/** What was left out, and why. */
export function leftOutTable({ results }: ExperimentDocument): TextTable {
  return {
    head: ['workload', 'subject', 'run', 'reason'],
    rows: results.flatMap(({ workload, subject, leftOut }) =>
      leftOut.map(({ run, reason }) => [workload, subject, run, reason]),
    ),
  }
}

function tableOf(rows: readonly Readonly<Record<string, string>>[]): TextTable {
  const [first = {}] = rows
  return { head: Object.keys(first), rows: rows.map((row) => Object.values(row)) }
}

const exact = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : String(value)

const ratio = (value: number | null): string => (value === null ? 'n/a' : quantityOrNone(value))
