import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openArchive } from '../archive/archive.ts'
import { type ResultIndex, rebuildResultIndex } from '../archive/result-index.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import type { ResultList } from './list-results.ts'
import { experimentNamed, notFound } from './list-results.ts'
import { withResults } from './open-results.ts'

/** Makes the database anew from the folders. */
export function rebuildResults(directory: string): ResultList {
  const index = rebuildResultIndex(openArchive(resolve(directory)))
  try {
    const experiments = index.experiments()
    return { schema: 'raftmark/results/1', experiments, damaged: index.damaged }
  } finally {
    index.close()
  }
}

export type Pruned = {
  readonly schema: 'raftmark/pruned/1'
  readonly experiments: readonly string[]
  readonly runs: number
  /** Whether it only says what would go. */
  readonly planOnly: boolean
}

/** Removes all experiments but the newest `keep`, with the folders of their runs. */
export function pruneResults(directory: string, keep: number, planOnly: boolean): Pruned {
  const archive = openArchive(resolve(directory))
  return withResults(directory, (index) => {
    const known = index.experimentIds()
    const experiments = known.slice(0, Math.max(0, known.length - keep))
    const runs = experiments.flatMap((id) => index.plan(id).runs.map((run) => run.id))
    const there = runs.filter((id) => archive.runIds().includes(id))
    if (!planOnly) {
      for (const id of there) rmSync(archive.runDirectory(id), { recursive: true, force: true })
      for (const id of experiments) {
        rmSync(join(archive.directory, 'experiments', id), { recursive: true, force: true })
      }
    }
    return { schema: 'raftmark/pruned/1', experiments, runs: there.length, planOnly }
  })
}

export type RunFilter = {
  /** An experiment's id, `last`, or all. */
  readonly experiment: string | undefined
  readonly subject: string | undefined
  readonly workload: string | undefined
}

/** The saved runs that fit; an experiment that is not there is an error, no match is not. */
export function findRuns(directory: string, filter: RunFilter): readonly RunRecord[] {
  return withResults(directory, (index) =>
    idsToSearch(index, directory, filter.experiment)
      .flatMap((id) => index.runsOf(id))
      .filter(
        ({ subject, workload }) =>
          (filter.subject ?? subject) === subject && (filter.workload ?? workload) === workload,
      ),
  )
}

/** The interval histograms of runs, as HdrHistogram logs one after the other. */
export function histogramLogs(directory: string, runs: readonly RunRecord[]): readonly string[] {
  const archive = openArchive(resolve(directory))
  return runs.flatMap((run) => {
    const text = archive.readHistogramLog(run.id)
    return text === undefined ? [] : [`#[run ${run.id} ${run.workload} ${run.subject}]\n${text}`]
  })
}

function idsToSearch(
  index: ResultIndex,
  directory: string,
  experiment: string | undefined,
): readonly string[] {
  if (experiment === undefined) return index.experimentIds()
  const id = experimentNamed(index, experiment)
  if (id === undefined) throw notFound(index, directory, experiment)
  return [id]
}
