import type { Damaged } from '../archive/archive.ts'
import type { ExperimentRow, ResultIndex } from '../archive/result-index.ts'
import { RaftmarkError } from '../base/errors.ts'
import type { ExperimentDocument } from '../judgement/history/experiment-record.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import { didYouMean } from './nearest-name.ts'
import { withResults } from './open-results.ts'
import { summarizeExperiment } from './summarize-experiment.ts'

export type ResultList = {
  readonly schema: 'raftmark/results/1'
  readonly experiments: readonly ExperimentRow[]
  readonly damaged: readonly Damaged[]
}

/** Every experiment, oldest first; what cannot be read is named beside it. */
export const listResults = (directory: string): ResultList =>
  withResults(directory, (index) => ({
    schema: 'raftmark/results/1',
    experiments: index.experiments(),
    damaged: index.damaged,
  }))

export type Shown =
  | { readonly kind: 'experiment'; readonly document: ExperimentDocument }
  | { readonly kind: 'run'; readonly record: RunRecord; readonly directory: string }

/** An experiment or a run by its id; `last` is the newest experiment. */
export const showResult = (directory: string, id: string): Shown =>
  withResults(directory, (index, archive) => {
    const experiment = experimentNamed(index, id)
    if (experiment !== undefined) {
      return { kind: 'experiment', document: documentOf(index, experiment) }
    }
    const record = index.run(id)
    if (record !== undefined) {
      return { kind: 'run', record, directory: archive.runDirectory(id) }
    }
    throw notFound(index, directory, id)
  })

/** The document of an experiment; `last` is the newest one. Throws `result-not-found`. */
export const showExperiment = (directory: string, id: string): ExperimentDocument =>
  withResults(directory, (index) => {
    const experiment = experimentNamed(index, id)
    if (experiment === undefined) throw notFound(index, directory, id)
    return documentOf(index, experiment)
  })

export const documentOf = (index: ResultIndex, id: string): ExperimentDocument =>
  summarizeExperiment(index.plan(id), index)

/** The id of an experiment; `last` is the newest one. */
export function experimentNamed(index: ResultIndex, id: string): string | undefined {
  const known = index.experimentIds()
  return id === 'last' ? known.at(-1) : known.find((one) => one === id)
}

export function notFound(index: ResultIndex, directory: string, id: string): RaftmarkError {
  const known = index.experimentIds()
  const damaged = index.damaged.find((one) => one.id === id)
  if (damaged !== undefined) {
    return new RaftmarkError('result-damaged', damaged.reason, {
      nextStep: 'move its folder away; other results are not touched by this',
    })
  }
  return new RaftmarkError('result-not-found', `there is no experiment or run ${id}`, {
    nextStep:
      known.length === 0
        ? `nothing is saved in ${directory}; start with: raftmark run quick`
        : didYouMean(id, [...known, 'last']),
  })
}
