import { type Archive, type Damaged, openArchive } from '../archive/archive.ts'
import { RaftmarkError } from '../base/errors.ts'
import type { ExperimentDocument } from '../judgement/history/experiment-record.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import { didYouMean } from './nearest-name.ts'
import { summarizeExperiment } from './summarize-experiment.ts'

export type ResultList = {
  readonly schema: 'raftmark/results/1'
  readonly experiments: readonly {
    readonly id: string
    readonly name: string
    readonly startedAt: string
    readonly subjects: readonly string[]
    readonly runsDone: number
    readonly runsPlanned: number
  }[]
  readonly damaged: readonly Damaged[]
}

/** Every experiment, oldest first; what cannot be read is named beside it. */
export function listResults(directory: string): ResultList {
  const archive = openArchive(directory)
  const damaged: Damaged[] = []
  const experiments = archive.experimentIds().flatMap((id) => {
    try {
      const { name, startedAt, subjects, runs } = archive.readPlan(id)
      const runsDone = runs.filter((run) => archive.hasRun(run.id)).length
      return [{ id, name, startedAt, subjects, runsDone, runsPlanned: runs.length }]
    } catch (error) {
      if (!(error instanceof RaftmarkError)) throw error
      damaged.push({ id, reason: error.message })
      return []
    }
  })
  return { schema: 'raftmark/results/1', experiments, damaged }
}

export type Shown =
  | { readonly kind: 'experiment'; readonly document: ExperimentDocument }
  | { readonly kind: 'run'; readonly record: RunRecord; readonly directory: string }

/** An experiment or a run by its id; `last` is the newest experiment. */
export function showResult(directory: string, id: string): Shown {
  const archive = openArchive(directory)
  const experiments = archive.experimentIds()
  const wanted = id === 'last' ? experiments.at(-1) : id
  if (wanted !== undefined && experiments.includes(wanted)) {
    const plan = archive.readPlan(wanted)
    return { kind: 'experiment', document: summarizeExperiment(plan, archive) }
  }
  if (wanted !== undefined && archive.hasRun(wanted)) {
    const record = archive.readRun(wanted)
    return { kind: 'run', record, directory: archive.runDirectory(wanted) }
  }
  throw notFound(archive, id)
}

function notFound(archive: Archive, id: string): RaftmarkError {
  const known = [...archive.experimentIds(), ...archive.runIds()]
  return new RaftmarkError('result-not-found', `there is no experiment or run ${id}`, {
    nextStep:
      known.length === 0
        ? `nothing is saved in ${archive.directory}; start with: raftmark run quick`
        : didYouMean(id, archive.experimentIds()),
  })
}
