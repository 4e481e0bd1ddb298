import type {
  ExperimentDocument,
  MetricComparison,
  PlannedWorkload,
} from '../../judgement/history/experiment-record.ts'

/** B against A at each crossing of injected delays and load. */
export type Crossover = {
  readonly file: string
  readonly a: string
  readonly b: string
  /** Dotted path into a result. */
  readonly metric: string
  readonly places: readonly CrossoverPlace[]
}

export type CrossoverPlace = {
  readonly syncMs: number
  readonly roundTripMs: number
  readonly inFlight: number
  readonly comparison: MetricComparison
}

/** One map for each sweep over sync and round trip, and each pair that carried it. */
export function crossoversOf(document: ExperimentDocument): readonly Crossover[] {
  const swept = document.workloads.filter(isCrossed)
  const files = [...new Set(swept.map(({ file }) => file))]
  return files.flatMap((file) => {
    const cases = swept.filter((one) => one.file === file)
    const names = new Set(cases.map(({ name }) => name))
    const own = document.comparisons.filter(
      ({ workload, role }) => names.has(workload) && role === 'primary',
    )
    const maps = new Map(
      own.map(({ a, b, metric }) => [JSON.stringify([a, b, metric]), { a, b, metric }]),
    )
    return [...maps.values()].map(({ a, b, metric }) => ({
      ...{ file, a, b, metric },
      places: cases.flatMap((one) => {
        const comparison = own.find(
          (found) =>
            found.workload === one.name &&
            found.a === a &&
            found.b === b &&
            found.metric === metric,
        )
        return comparison === undefined ? [] : [placeOf(one, comparison)]
      }),
    }))
  })
}

const isCrossed = ({ variant }: PlannedWorkload): boolean =>
  variant?.['syncDelayMs'] !== undefined && variant['roundTripMs'] !== undefined

/** Both axes, and what is in flight, are numbers by the schema of workloads. */
const numberOf = (value: number | string | undefined): number => Number(value ?? 0)

const placeOf = ({ variant }: PlannedWorkload, comparison: MetricComparison): CrossoverPlace => ({
  syncMs: numberOf(variant?.['syncDelayMs']),
  roundTripMs: numberOf(variant?.['roundTripMs']),
  inFlight: numberOf(variant?.['inFlight']),
  comparison,
})
