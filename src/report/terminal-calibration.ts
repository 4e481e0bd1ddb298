import { quantity } from './quantity.ts'
import { textTable, wrapped } from './text-table.ts'

type Quantiles = { readonly p50: number; readonly p99: number; readonly count: number }

/** The figures of a calibration that a reader sees; a report knows no experiment code. */
type Figures = {
  readonly syncMs: Quantiles
  readonly roundTripMs: Quantiles
  readonly timerLatenessMs: Quantiles
  readonly coreScore: number
  readonly runDelayRatio: number
  readonly stealRatio: number
  readonly warnings: readonly string[]
}

export function renderCalibration(figures: Figures): string {
  const rowOf = (name: string, { p50, p99, count }: Quantiles) => [
    name,
    quantity(p50),
    quantity(p99),
    String(count),
  ]
  return [
    textTable(
      ['in ms', 'p50', 'p99', 'samples'],
      [
        rowOf('append of 4 KiB and sync', figures.syncMs),
        rowOf('round trip over TCP, 127.0.0.1', figures.roundTripMs),
        rowOf('lateness of a 1 ms timer', figures.timerLatenessMs),
      ],
    ),
    `core: ${quantity(figures.coreScore)} loops per µs; waited for a core ${percent(figures.runDelayRatio)}, stolen ${percent(figures.stealRatio)} of the time`,
    ...figures.warnings.map((warning) => wrapped(`- ${warning}`)),
  ].join('\n')
}

const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`
