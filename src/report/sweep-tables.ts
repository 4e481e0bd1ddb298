import type {
  ExperimentDocument,
  ExperimentResult,
  MetricComparison,
  PlannedWorkload,
} from '../judgement/history/experiment-record.ts'
import { metricLabel } from './experiment-tables.ts'
import { quantileText, quantity, quantityOrNone } from './quantity.ts'
import type { TextTable } from './table-text.ts'

/** A workload file whose cases ran: its curve or its map. */
export type Sweep = {
  readonly file: string
  readonly question: string
  /** What was varied, in the file's order. */
  readonly keys: readonly string[]
  readonly cases: readonly PlannedWorkload[]
}

/** Files of which at least two cases have results, in their order. */
export function sweepsOf(
  document: Pick<ExperimentDocument, 'workloads' | 'results'>,
): readonly Sweep[] {
  const ran = new Set(document.results.map(({ workload }) => workload))
  const swept = document.workloads.filter(({ name, variant }) => variant !== null && ran.has(name))
  return [...new Set(swept.map(({ file }) => file))].flatMap((file) => {
    const cases = swept.filter((one) => one.file === file)
    const [first] = cases
    if (first === undefined || cases.length < 2) return []
    return [{ file, question: first.question, keys: Object.keys(first.variant ?? {}), cases }]
  })
}

/** One row for each case and subject. */
export function sweepFigures(sweep: Sweep, results: readonly ExperimentResult[]): TextTable {
  return {
    head: [...sweep.keys, 'subject', 'req/s', 'p50 ms', 'p99 ms', 'leader CPU µs', 'runs'],
    rows: sweep.cases.flatMap((one) =>
      results
        .filter(({ workload }) => workload === one.name)
        .map((result) => [
          ...valuesOf(sweep, one),
          result.rankable ? result.subject : `${result.subject} (not ranked)`,
          quantity(result.operationsPerSecond ?? result.achievedPerSecond),
          quantileText(result.responseMs.p50, 0.5),
          quantileText(result.responseMs.p99, 0.99),
          quantityOrNone(result.cpuMicrosPerRecord.leader),
          `${result.runs.length}/${result.perRun.length}`,
        ]),
    ),
  }
}

/** One row for each case: its primary metrics alone, since the others are many. */
export function sweepComparisons(
  sweep: Sweep,
  comparisons: readonly MetricComparison[],
): TextTable {
  return {
    head: [...sweep.keys, 'metric', 'B ÷ A', '95 % interval', 'verdict', 'detect- able', 'rounds'],
    rows: sweep.cases.flatMap((one) =>
      comparisons
        .filter(({ workload, role }) => workload === one.name && role === 'primary')
        .map(({ metric, estimate, low, high, verdict, detectable, rounds }) => [
          ...valuesOf(sweep, one),
          metricLabel(metric),
          quantityOrNone(estimate),
          low === null || high === null ? 'none' : `${quantity(low)}–${quantity(high)}`,
          verdict,
          quantityOrNone(detectable),
          String(rounds),
        ]),
    ),
  }
}

const valuesOf = ({ keys }: Sweep, { variant }: PlannedWorkload): readonly string[] =>
  keys.map((key) => String(variant?.[key] ?? ''))
