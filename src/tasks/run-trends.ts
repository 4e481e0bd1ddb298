import type { LatencySeries } from '../judgement/history/latency-series.ts'
import type { ResourceSample, RunTrends, Slope } from '../judgement/history/run-trends.ts'
import { medianOf } from '../judgement/stats/quantile.ts'
import { classifySteadiness } from '../judgement/stats/steady-state.ts'
import { type Point, theilSen } from '../judgement/stats/theil-sen.ts'

/** Fewer windows carry no change points worth the name. */
const WINDOWS_MIN = 30
/** A slope over less is that of one garbage collection. */
const SLOPE_SECONDS_MIN = 60
/** And over fewer points, that of two of them. */
const POINTS_MIN = 10
/** Looks at the nodes in one run. */
const SAMPLES = 120
const HOUR_MS = 3_600_000

/** How often the nodes are looked at; not at all in short runs, where it would disturb. */
export const sampleEveryMs = (measureSeconds: number): number | undefined =>
  measureSeconds < SLOPE_SECONDS_MIN ? undefined : (measureSeconds * 1_000) / SAMPLES

/** What became of one run from its begin to its end. */
export function trendsOf(
  series: LatencySeries | undefined,
  samples: readonly ResourceSample[],
  loop: 'open' | 'closed',
): RunTrends {
  return {
    steadiness: series === undefined ? null : steadinessOf(series, loop),
    slopes: [
      ...(series === undefined || !isLong(series) ? [] : latencySlopes(series)),
      ...slopeOf('rssBytes', samples, ({ rssBytes }) => rssBytes),
      ...slopeOf('writtenBytes', samples, ({ writtenBytes }) => writtenBytes),
    ],
  }
}

function steadinessOf(series: LatencySeries, loop: 'open' | 'closed'): RunTrends['steadiness'] {
  const figure = loop === 'open' ? 'p50Ms' : 'requests'
  const all: readonly (number | null)[] = series[figure]
  const windows = all.filter((value): value is number => value !== null && value > 0)
  if (windows.length < WINDOWS_MIN || windows.length < all.length) return null
  const found = classifySteadiness(windows, loop === 'open' ? 'lower' : 'higher')
  const steadyFromMs = found.steadyFrom === undefined ? null : found.steadyFrom * series.slotMs
  return { figure, class: found.class, steadyFromMs }
}

const isLong = ({ slotMs, requests }: LatencySeries): boolean =>
  slotMs * requests.length >= SLOPE_SECONDS_MIN * 1_000

function latencySlopes(series: LatencySeries): readonly Slope[] {
  const slots = series.requests.map((_, at) => ({
    atMs: at * series.slotMs,
    p50Ms: series.p50Ms[at] ?? null,
    p99Ms: series.p99Ms[at] ?? null,
  }))
  return [
    ...slopeOf('p50Ms', slots, ({ p50Ms }) => p50Ms),
    ...slopeOf('p99Ms', slots, ({ p99Ms }) => p99Ms),
  ]
}

function slopeOf<T extends { readonly atMs: number }>(
  figure: Slope['figure'],
  samples: readonly T[],
  of: (sample: T) => number | null,
): readonly Slope[] {
  const points = samples.flatMap((sample): Point[] => {
    const y = of(sample)
    return y === null ? [] : [{ x: sample.atMs / HOUR_MS, y }]
  })
  if (points.length < POINTS_MIN) return []
  const { slope, low, high } = theilSen(points)
  return [{ figure, perHour: slope, low, high, level: medianOf(points.map(({ y }) => y)) }]
}
