import { quantity } from '../quantity.ts'
import { type CellView, type ExperimentView, lineKindOf } from './experiment-view.ts'
import { noteOf } from './figure-notes.ts'
import { legend } from './legend.ts'
import { html, type Markup } from './markup.ts'
import { line, plot } from './plot.ts'
import { durationLabel, logScale, niceBounds, type Scale } from './scale.ts'

/** Below this the curve says nothing about a tail: the axis begins at the median. */
const FIRST_RATIO = 0.5

/** Latency by percentile on HdrHistogram's scale: each decade of the axis is one more nine. */
export function percentileChart(view: ExperimentView, cells: readonly CellView[]): Markup {
  const drawn = cells.filter(({ curve }) => curve.length > 1)
  const points = drawn.flatMap(({ curve }) => curve)
  const { low, high } = niceBounds(points.map(({ ms }) => ms))
  const x = ninesScale(Math.max(...points.map(({ ratio }) => ratio)))
  const y = logScale(low, high, durationLabel)
  const lines = drawn.map(({ subject, curve }) =>
    line(
      { x, y },
      curve
        .filter(({ ratio }) => ratio >= FIRST_RATIO)
        .map(({ ratio, ms }) => ({ x: ratio, y: ms })),
      lineKindOf(view, subject),
    ),
  )
  const label = drawn
    .map(({ subject, curve }) => `${subject} up to ${quantity(curve.at(-1)?.ms ?? 0)} ms`)
    .join(', ')
  return html`<figure>
<h3 class="chart-title">Response time by percentile</h3>
${legend(drawn.map(({ subject }) => ({ label: subject, kind: lineKindOf(view, subject) })))}
${plot({
  ...{ x, y, height: 230, layers: lines },
  xTitle: 'share of requests',
  yTitle: 'answered within',
  label: `Percentile curves of the response time: ${label}. The table above has the figures.`,
})}
<figcaption>Each curve ends where fewer than ten requests lie beyond it.</figcaption>
${noteOf('responseMs')}
</figure>`
}

/** 50 %, 90 %, 99 %, 99.9 %, … as far as `last` goes. */
function ninesScale(last: number): Scale {
  const depthOf = (ratio: number) => -Math.log10(1 - ratio)
  const from = depthOf(FIRST_RATIO)
  const to = Math.max(depthOf(last), depthOf(0.9))
  const ratios = [0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 0.99999]
  const ticks = ratios
    .filter((ratio) => depthOf(ratio) <= to + 1e-9)
    .map((value) => ({
      value,
      label: `${Number((value * 100).toFixed(4))} %`,
      isMinor: [0.95, 0.995].includes(value),
    }))
  return { at: (ratio) => (depthOf(ratio) - from) / (to - from), ticks }
}
