import type {
  ExperimentResult,
  PrimaryMetric,
  RunValue,
} from '../judgement/history/experiment-record.ts'
import { margins } from '../judgement/stats/compare-paired.ts'

/** Something that is compared between subjects, one value per run. */
export type Metric = {
  readonly name: string
  readonly better: 'lower' | 'higher'
  /** Relative: what is smaller does not matter. */
  readonly margin: number
  /** `null` where the run does not have it. */
  readonly of: (run: RunValue) => number | null
}

/** What a workload's figures are about: see `loopOf`. */
export type Loop = 'open' | 'closed' | 'search'

/** The same of what was measured. */
export const loopOfResult = ({ loop, search }: Pick<ExperimentResult, 'loop' | 'search'>): Loop =>
  search?.measureRatio === 1 ? 'search' : loop

const latency = (quantile: 'p50' | 'p99', margin: number): Metric => ({
  name: `responseMs.${quantile}`,
  better: 'lower',
  margin,
  of: (run) => run.responseMs[quantile],
})

const cpu = (part: 'leader' | 'followers'): Metric => ({
  name: `cpuMicrosPerRecord.${part}`,
  better: 'lower',
  margin: margins.cpu,
  of: (run) => run.cpuMicrosPerRecord[part],
})

/**
 * What is compared, declared before any run. At a given rate throughput is given, in a closed loop
 * latency is (it follows from the rate), so each loop has its own list. The first of each is what
 * a workload is about.
 */
const declared: Readonly<Record<Loop, readonly [Metric, ...Metric[]]>> = {
  open: [latency('p50', margins.p50), latency('p99', margins.p99), cpu('leader'), cpu('followers')],
  closed: [
    {
      name: 'achievedPerSecond',
      better: 'higher',
      margin: margins.throughput,
      of: (run) => run.achievedPerSecond,
    },
    cpu('leader'),
    cpu('followers'),
  ],
  search: [
    {
      name: 'maxRatePerSecond',
      better: 'higher',
      margin: margins.throughput,
      of: (run) => run.maxRatePerSecond,
    },
    cpu('leader'),
    cpu('followers'),
  ],
}

/** All metrics that are compared under a loop. */
export const metricsOf = (loop: Loop): readonly Metric[] => declared[loop]

/** The names of all metrics that are compared anywhere. */
export const metricNames: readonly string[] = [
  ...new Set(Object.values(declared).flatMap((metrics) => metrics.map(({ name }) => name))),
]

/** The value of a metric in one run; `null` where the run does not have it. */
export function metricOf(name: string, run: RunValue): number | null {
  const metric = Object.values(declared)
    .flat()
    .find((one) => one.name === name)
  return metric === undefined ? null : metric.of(run)
}

/** What a workload decides where its suite declares nothing: the first metric of its loop. */
export const primaryByRule = (workload: string, loop: Loop): PrimaryMetric => ({
  workload,
  metric: declared[loop][0].name,
})
