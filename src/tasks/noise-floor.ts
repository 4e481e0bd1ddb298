import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExperimentDocument } from '../judgement/history/experiment-record.ts'
import type { MetricComparison } from '../judgement/history/metric-comparison.ts'
import type { NoiseFloor } from '../judgement/history/noise-floor.ts'
import { detectableAt, logRatioSpread } from '../judgement/stats/detectable.ts'
import { makeDirectories, writeFileAtomic } from '../os/files.ts'
import { valueInRound } from './compare-results.ts'
import { loopOfResult, metricsOf } from './compared-metrics.ts'
import { machineName } from './machine-name.ts'

/** The suite that holds a subject against itself. */
export const NOISE_SUITE = 'aa-noise'

const fileIn = (results: string): string => join(results, 'calibrations', 'noise.json')

/** What the rounds of an A/A experiment say; `undefined` while it has fewer than six of them. */
export function noiseFloorOf(document: ExperimentDocument): NoiseFloor | undefined {
  const { id, startedAt, harnessHash } = document
  const spreads = document.workloads.flatMap(({ name }) => spreadsOf(document, name))
  if (document.name !== NOISE_SUITE || spreads.length === 0) return undefined
  return {
    schema: 'raftmark/noise/1',
    experiment: id,
    takenAt: startedAt,
    machine: machineName(document.machine),
    harnessHash,
    spreads,
  }
}

function spreadsOf({ results }: ExperimentDocument, workload: string): NoiseFloor['spreads'] {
  const [one, other] = results.filter((result) => result.workload === workload)
  if (one === undefined || other === undefined) return []
  return metricsOf(loopOfResult(one)).flatMap((metric) => {
    const logRatios = one.perRun.flatMap(({ round }) => {
      const left = valueInRound(one, round, metric)
      const right = valueInRound(other, round, metric)
      return left && right ? [Math.log(right / left)] : []
    })
    const spread = logRatioSpread(logRatios)
    const found = { workload, metric: metric.name, rounds: logRatios.length }
    return spread === undefined ? [] : [{ ...found, spread }]
  })
}

/** Keeps the floor for experiments to come; the newest one counts. */
export async function saveNoiseFloor(results: string, floor: NoiseFloor): Promise<void> {
  makeDirectories(join(results, 'calibrations'))
  await writeFileAtomic(fileIn(results), `${JSON.stringify(floor, undefined, 2)}\n`)
}

/** The floor that was measured on this machine; `undefined` when none was, or it is damaged. */
export function readNoiseFloor(results: string, machine: unknown): NoiseFloor | undefined {
  try {
    const floor: Partial<NoiseFloor> = JSON.parse(readFileSync(fileIn(results), 'utf8'))
    const isOurs = floor.schema === 'raftmark/noise/1' && floor.machine === machineName(machine)
    return isOurs ? (floor as NoiseFloor) : undefined
  } catch {
    return undefined // It can be measured again, and the report says that none is known.
  }
}

/** Beside each comparison, what as many rounds of a subject against itself could have told. */
export const withNoise = (
  comparisons: readonly MetricComparison[],
  floor: NoiseFloor | undefined,
): readonly MetricComparison[] =>
  comparisons.map((one) => {
    const known = floor?.spreads.find(
      ({ workload, metric }) => workload === one.workload && metric === one.metric,
    )
    if (known === undefined) return one
    return { ...one, noise: detectableAt(known.spread, one.rounds) ?? null }
  })
