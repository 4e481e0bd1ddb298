import type {
  ExperimentDocument,
  MetricComparison,
} from '../../judgement/history/experiment-record.ts'
import type { LatencySeries, RunEvent } from '../../judgement/history/latency-series.ts'
import type { RateFinding, RunRecord } from '../../judgement/history/run-record.ts'

/** All that the page of an experiment shows; gathered from the archive by the task. */
export type ExperimentView = {
  readonly document: ExperimentDocument
  /** One for each result of the document, in its order. */
  readonly cells: readonly CellView[]
  readonly ablation?: AblationView
}

export type CellView = {
  readonly workload: string
  readonly subject: string
  /** Response times of the runs that the figures are made of, merged; empty without histograms. */
  readonly curve: readonly CurvePoint[]
  /** Of all its runs that kept one. */
  readonly series: readonly RunSeries[]
  readonly runs: readonly RunRecord[]
  /** The workload's file, without the values of a sweep. */
  readonly base: string
  /** The values of the sweep; empty without one. */
  readonly variant: Readonly<Record<string, number | string>>
  readonly searches: readonly RateFinding[]
}

/** A share `ratio` of the requests was answered within `ms`. */
export type CurvePoint = { readonly ratio: number; readonly ms: number }

export type RunSeries = {
  readonly run: string
  readonly round: number
  readonly rankable: boolean
  readonly series: LatencySeries
  readonly events: readonly RunEvent[]
}

/** What each choice between two designs buys. */
export type AblationView = {
  readonly from: string
  readonly to: string
  readonly factorial: boolean
  readonly steps: readonly AblationStep[]
  /** By how much one choice changes what another buys. */
  readonly interactions: readonly {
    readonly axes: readonly [string, string]
    readonly metrics: readonly MetricComparison[]
  }[]
  /** `to` against `from`, all choices at once. */
  readonly total: readonly MetricComparison[]
}

export type AblationStep = {
  readonly axis: string
  readonly name: string
  readonly from: string
  readonly to: string
  /** The other choices are as in `from`, as in `to`, or averaged over all. */
  readonly end: 'from' | 'to' | 'all'
  readonly metrics: readonly MetricComparison[]
}

/**
 * Colours follow the order in which subjects were asked for. A raft keeps its colour on every store,
 * unless one workload ran it on several.
 */
export function toneOf({ document }: ExperimentView, subject: string): string {
  const { results } = document
  const cells = new Set(results.map((one) => `${one.workload} ${raftOf(one.subject)}`))
  const keyOf = cells.size === results.length ? raftOf : (name: string) => name
  const keys = [...new Set(results.map((result) => keyOf(result.subject)))]
  return `k${Math.max(0, keys.indexOf(keyOf(subject))) % TONES}`
}

const TONES = 8
const raftOf = (subject: string): string => subject.split('/')[0] ?? subject

/** Lines differ in their dashes too, for whom colours do not. */
export function lineKindOf(view: ExperimentView, subject: string): string {
  const tone = toneOf(view, subject)
  return `${tone} d${Number(tone.slice(1)) % 4}`
}
