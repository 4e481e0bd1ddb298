import type { Archive } from '../archive/archive.ts'
import { addResponses, addTagged, emptyHistogram } from '../archive/read-histogram.ts'
import { summaryOf } from '../experiment/load/latency.ts'
import type { LoadLatency } from '../experiment/load/plan.ts'
import type { RunFigures } from '../judgement/history/run-record.ts'
import type { Measured } from './measure-run.ts'
import { withResults } from './open-results.ts'
import { type Cost, type Counts, figuresOf } from './run-figures.ts'

/** What counters.json holds. */
type Sources = {
  readonly report: Omit<Counts, 'latency'>
  readonly before?: Cost
  readonly after?: Cost
}

/** Keeps what the figures of a run are computed from, beside its histograms. */
export function saveSources(archive: Archive, id: string, measured: Measured): Promise<void> {
  const { latency: _, histograms: __, ...report } = measured.report
  const { before, after, samples } = measured
  const counters = { report, before, after, ...(samples.length === 0 ? {} : { samples }) }
  return archive.saveCounters(id, { schema: 'raftmark/counters/1', counters })
}

export type Recomputed = {
  readonly schema: 'raftmark/figures/1'
  readonly run: string
  readonly saved: RunFigures
  readonly recomputed: RunFigures
  /** Figures whose saved value is another than the raw files give; none in a sound archive. */
  readonly different: readonly string[]
}

/** Computes a run's figures anew from histogram.hlog and counters.json. */
export const recomputeFigures = (directory: string, id: string): Recomputed =>
  withResults(directory, (_, archive) => {
    const { figures: saved } = archive.readRun(id)
    const { report, before, after } = archive.readCounters(id).counters as Sources
    const latency = latencyOf(archive.runDirectory(id))
    const recomputed = figuresOf({ ...report, latency }, before, after)
    const names = Object.keys({ ...saved, ...recomputed }) as (keyof RunFigures)[]
    const different = names.filter((name) => textOf(saved[name]) !== textOf(recomputed[name]))
    return { schema: 'raftmark/figures/1', run: id, saved, recomputed, different }
  })

const textOf = (figure: unknown): string | undefined => JSON.stringify(figure)

function latencyOf(runDirectory: string): LoadLatency {
  const summary = (tag: string) => {
    const histogram = emptyHistogram()
    addTagged(runDirectory, tag, histogram)
    return summaryOf(histogram)
  }
  const responses = emptyHistogram()
  addResponses(runDirectory, responses)
  const fetchLagMs = summary('fetch-lag')
  return {
    responseMs: summaryOf(responses),
    serviceMs: summary('service'),
    sendLagMs: summary('send-lag'),
    fetchLagMs: fetchLagMs.count === 0 ? undefined : fetchLagMs,
  }
}
