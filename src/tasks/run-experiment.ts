import type { Archive } from '../archive/archive.ts'
import type { ExperimentPlan, PlannedRun } from '../judgement/history/experiment-record.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import type { Cell, ResolvedExperiment } from './resolve-experiment.ts'
import { cellKey } from './resolve-experiment.ts'

/** What is told while an experiment runs; the command draws it. */
export type RunEvent =
  | { readonly kind: 'begun'; readonly plan: ExperimentPlan; readonly secondsLeft: number }
  | { readonly kind: 'phase'; readonly run: PlannedRun; readonly phase: string }
  | {
      readonly kind: 'run-done'
      readonly run: PlannedRun
      readonly record: RunRecord
      /** Runs that are in the archive now. */
      readonly done: number
      readonly secondsLeft: number
    }
  | { readonly kind: 'notice'; readonly text: string }

export type ClusterRun = { readonly planned: PlannedRun; readonly cell: Cell }

/**
 * Starts one fresh cluster, has it carry `runs` in turn, hands over each record as soon as its
 * files are written, and stops the cluster. Rejects with RaftmarkError when a node fails.
 */
export type RunCluster = (
  runs: readonly ClusterRun[],
  report: {
    readonly onPhase: (run: PlannedRun, phase: string) => void
    readonly onRecord: (record: RunRecord) => Promise<void>
  },
) => Promise<void>

export type RunExperimentOptions = {
  readonly plan: ExperimentPlan
  readonly resolved: ResolvedExperiment
  readonly archive: Archive
  readonly runCluster: RunCluster
  readonly nowMs: () => number
  readonly onEvent: (event: RunEvent) => void
  /** Aborted by Ctrl-C: what was measured is kept, nothing new begins. */
  readonly signal: AbortSignal
}

/** Start, election, drain and stop of one cluster, as a first guess before any was seen. */
const CLUSTER_SECONDS = 2
/** The share of the longest warm-up that is usually needed. */
const WARM_UP_SHARE = 0.7

/** Runs what is planned and not in the archive yet; saves each run as soon as it ended. */
export async function runExperiment(options: RunExperimentOptions): Promise<void> {
  const { plan, archive, onEvent, nowMs, signal } = options
  const clusters = clustersToRun(options)
  const timeLeft = new TimeLeft(clusters, nowMs())
  let done = plan.runs.length - clusters.flat().length
  onEvent({ kind: 'begun', plan, secondsLeft: timeLeft.seconds(nowMs()) })
  for (const runs of clusters) {
    if (signal.aborted) return
    await options.runCluster(runs, {
      onPhase: (run, phase) => onEvent({ kind: 'phase', run, phase }),
      onRecord: async (record) => {
        await archive.saveRun(record)
        done += 1
        const planned = runs.find((run) => run.planned.id === record.id)?.planned
        if (planned === undefined) return
        timeLeft.finished(planned.id)
        const secondsLeft = timeLeft.seconds(nowMs())
        onEvent({ kind: 'run-done', run: planned, record, done, secondsLeft })
      },
    })
  }
}

/**
 * What is not in the archive, or was cut short. Whole clusters: when one of its runs is missing, a
 * shared cluster carries all of them again.
 */
function clustersToRun({ plan, resolved, archive }: RunExperimentOptions): readonly ClusterRun[][] {
  const clusters = new Map<string, ClusterRun[]>()
  for (const planned of plan.runs) {
    const cell = resolved.cells.get(cellKey(planned.workload, planned.subject))
    if (cell === undefined) continue
    const runs = clusters.get(planned.cluster)
    if (runs === undefined) clusters.set(planned.cluster, [{ planned, cell }])
    else runs.push({ planned, cell })
  }
  const isDone = ({ planned }: ClusterRun) =>
    archive.hasRun(planned.id) && archive.readRun(planned.id).interrupted === undefined
  return [...clusters.values()].filter((runs) => !runs.every(isDone))
}

/** What a run takes, before any was seen. */
export function secondsOf({ workload }: Cell): number {
  const { arrival, warmUpSecondsMax, rehearsalSeconds, measureSeconds } = workload
  const isRehearsed = arrival.kind === 'constant' || arrival.kind === 'poisson'
  const unmeasured = warmUpSecondsMax * WARM_UP_SHARE + (isRehearsed ? rehearsalSeconds : 0)
  return CLUSTER_SECONDS + unmeasured + measureSeconds
}

/** Scales the guess by how long the runs so far really took. */
class TimeLeft {
  readonly #startedMs: number
  readonly #guesses: Map<string, number>
  readonly #total: number

  constructor(clusters: readonly (readonly ClusterRun[])[], nowMs: number) {
    this.#startedMs = nowMs
    const runs = clusters.flat()
    this.#guesses = new Map(runs.map(({ planned, cell }) => [planned.id, secondsOf(cell)]))
    this.#total = sum(this.#guesses.values())
  }

  finished(id: string): void {
    this.#guesses.delete(id)
  }

  seconds(nowMs: number): number {
    const left = sum(this.#guesses.values())
    const guessedSoFar = this.#total - left
    const took = (nowMs - this.#startedMs) / 1_000
    return guessedSoFar === 0 ? left : left * (took / guessedSoFar)
  }
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, one) => total + one, 0)
