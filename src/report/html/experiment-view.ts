import type { ExperimentDocument } from '../../judgement/history/experiment-record.ts'
import type { LatencySeries, RunEvent } from '../../judgement/history/latency-series.ts'
import type { RateFinding, RunRecord } from '../../judgement/history/run-record.ts'

/** All that the page of an experiment shows; gathered from the archive by the task. */
export type ExperimentView = {
  readonly document: ExperimentDocument
  /** One for each result of the document, in its order. */
  readonly cells: readonly CellView[]
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
