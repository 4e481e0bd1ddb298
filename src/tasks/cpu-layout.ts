import { RaftmarkError } from '../base/errors.ts'
import type { CpuLayout } from '../experiment/workload/workload.ts'
import type { MetricComparison, PlannedWorkload } from '../judgement/history/experiment-record.ts'

/** The cores of each kind of process, as `taskset` takes them. */
export type CoreLists = { readonly nodes: string; readonly generator: string }

/**
 * The generator has the last core for itself and the nodes share the others; undefined where all
 * run on all. Throws `flag-invalid` on a machine with one core.
 */
export function coreListsOf(layout: CpuLayout, cores: number): CoreLists | undefined {
  if (layout === 'shared') return undefined
  if (cores < 2) {
    throw new RaftmarkError('flag-invalid', 'one core cannot be shared out', {
      nextStep: 'leave --cpus out, or measure on a machine with more cores',
    })
  }
  const last = cores - 1
  return { nodes: last === 1 ? '0' : `0-${last - 1}`, generator: String(last) }
}

/** A command that runs on these cores alone, children included. */
export const onCores = (
  cores: string,
  argv: readonly [string, ...string[]],
): readonly [string, ...string[]] => ['taskset', '-c', cores, ...argv]

/**
 * Comparisons whose direction flips with the cpu layout lose their verdict: what holds under one
 * layout alone says something about the layout.
 */
export function withoutUnstable(
  comparisons: readonly MetricComparison[],
  workloads: readonly PlannedWorkload[],
): readonly MetricComparison[] {
  const layoutFree = new Map(workloads.map((one) => [one.name, withoutLayout(one)]))
  const isTwin = (one: MetricComparison, other: MetricComparison) =>
    one !== other &&
    one.a === other.a &&
    one.b === other.b &&
    one.metric === other.metric &&
    layoutFree.get(one.workload) === layoutFree.get(other.workload)
  return comparisons.map((one) => {
    const twin = comparisons.find((other) => isTwin(one, other))
    if (twin === undefined || directionOf(one) * directionOf(twin) >= 0) return one
    const reason = `unstable: it is the other way round in ${twin.workload}`
    return { ...one, verdict: 'undecided', reason }
  })
}

function withoutLayout({ file, variant }: PlannedWorkload): string {
  const { cpus: _, ...others } = variant ?? {}
  return JSON.stringify([file, others])
}

/** 1 or −1 where the interval excludes 1. */
function directionOf({ low, high }: MetricComparison): number {
  if (low !== null && low > 1) return 1
  return high !== null && high < 1 ? -1 : 0
}
