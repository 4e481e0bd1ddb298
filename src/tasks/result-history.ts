import { RaftmarkError } from '../base/errors.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import { changePoints } from '../judgement/stats/e-divisive.ts'
import { medianOf } from '../judgement/stats/quantile.ts'
import { metricNames, metricOf } from './compared-metrics.ts'
import { didYouMean } from './nearest-name.ts'
import { withResults } from './open-results.ts'
import { runValueOf } from './summarize-experiment.ts'

export type HistoryPoint = {
  readonly experiment: string
  readonly startedAt: string
  /** Median over the experiment's rankable runs. */
  readonly value: number
  readonly runs: number
  readonly harnessHash: string
}

export type ResultHistory = {
  readonly schema: 'raftmark/history/1'
  readonly subject: string
  readonly workload: string
  readonly metric: string
  /** Oldest first. */
  readonly points: readonly HistoryPoint[]
  /** Where the level changed for good. `harnessChanged` is a reason of its own. */
  readonly changes: readonly {
    readonly experiment: string
    readonly ratio: number
    readonly p: number
    readonly harnessChanged: boolean
  }[]
}

/** One figure of one cell over all experiments, with its change points. */
export function resultHistory(options: {
  readonly results: string
  readonly subject: string
  readonly workload: string
  readonly metric: string
}): ResultHistory {
  const { results, subject, workload, metric } = options
  if (!metricNames.includes(metric)) {
    throw new RaftmarkError('flag-invalid', `there is no metric ${metric}`, {
      nextStep: didYouMean(metric, metricNames),
    })
  }
  const runs = withResults(results, (index) => index.runsOfCell(subject, workload))
  if (runs.length === 0) {
    throw new RaftmarkError('result-not-found', `no run of ${subject} under ${workload} is saved`, {
      nextStep: 'see what is saved with: raftmark results list',
    })
  }
  const points = pointsOf(runs, metric)
  const changes = changePoints(points.map(({ value }) => value)).flatMap(({ at, ratio, p }) => {
    const point = points[at]
    if (point === undefined) return []
    const harnessChanged = point.harnessHash !== points[at - 1]?.harnessHash
    return [{ experiment: point.experiment, ratio, p, harnessChanged }]
  })
  return { schema: 'raftmark/history/1', subject, workload, metric, points, changes }
}

function pointsOf(runs: readonly RunRecord[], metric: string): readonly HistoryPoint[] {
  const experiments = [...new Set(runs.map(({ experiment }) => experiment))]
  return experiments.flatMap((experiment) => {
    const own = runs.filter((run) => run.experiment === experiment && run.rankable)
    const values = own
      .map((run) => metricOf(metric, runValueOf(run)))
      .filter((value): value is number => value !== null && value > 0)
    const [first] = own
    if (first === undefined || values.length === 0) return []
    const { startedAt, harnessHash } = first
    return [{ experiment, startedAt, value: medianOf(values), runs: values.length, harnessHash }]
  })
}
