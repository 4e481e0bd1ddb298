import type { Archive } from '../archive/archive.ts'
import { emptyHistogram } from '../archive/read-histogram.ts'
import type { ResultIndex } from '../archive/result-index.ts'
import type { ExperimentResult, PlannedWorkload } from '../judgement/history/experiment-record.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import { carriesQuantile } from '../judgement/stats/quantile.ts'
import type { CellView, CurvePoint, ExperimentView } from '../report/html/experiment-view.ts'
import { documentOf, experimentNamed, notFound } from './list-results.ts'
import { withResults } from './open-results.ts'

/** What the page of an experiment shows; `last` is the newest. Throws `result-not-found`. */
export const viewExperiment = (directory: string, id: string): ExperimentView =>
  withResults(directory, (index, archive) => {
    const experiment = experimentNamed(index, id)
    if (experiment === undefined) throw notFound(index, directory, id)
    const document = documentOf(index, experiment)
    const runs = index.runsOf(experiment)
    const cells = document.results.map((result) =>
      cellOf(result, { runs, workloads: document.workloads, index, archive }),
    )
    return { document, cells }
  })

function cellOf(
  result: ExperimentResult,
  from: {
    readonly runs: readonly RunRecord[]
    readonly workloads: readonly PlannedWorkload[]
    readonly index: ResultIndex
    readonly archive: Archive
  },
): CellView {
  const { workload, subject } = result
  const { workloads, index, archive } = from
  const runs = from.runs.filter((run) => run.workload === workload && run.subject === subject)
  const planned = workloads.find(({ name }) => name === workload)
  return {
    workload,
    subject,
    base: planned?.file ?? workload,
    variant: planned?.variant ?? {},
    curve: curveOf(result, index),
    runs,
    searches: runs.flatMap(({ figures }) => figures.search ?? []),
    series: runs.flatMap((run) => {
      const series = archive.readSeries(run.id)
      const { id, round, rankable, events = [] } = run
      return series === undefined ? [] : [{ run: id, round, rankable, series, events }]
    }),
  }
}

const MICROS_PER_MS = 1_000
/** Points per nine: enough that a curve looks like one. */
const STEPS_PER_NINE = 12
const NINES_MAX = 6

/** The merged histogram as a curve that ends where fewer than ten requests lie beyond it. */
function curveOf({ runs }: ExperimentResult, index: ResultIndex): readonly CurvePoint[] {
  const merged = emptyHistogram()
  for (const run of runs) index.addResponses(run, merged)
  const points: CurvePoint[] = []
  for (let step = 0; step <= NINES_MAX * STEPS_PER_NINE; step += 1) {
    const ratio = 1 - 0.5 * 10 ** (-step / STEPS_PER_NINE)
    if (!carriesQuantile(merged.totalCount, ratio)) break
    points.push({ ratio, ms: merged.getValueAtPercentile(100 * ratio) / MICROS_PER_MS })
  }
  return points
}
