import { metricLabel } from '../experiment-tables.ts'
import type { AblationStep, AblationView } from './experiment-view.ts'
import { noteOf } from './figure-notes.ts'
import { html, type Markup, nothing } from './markup.ts'
import { percent } from './plot.ts'
import { logScale } from './scale.ts'

type Metric = AblationStep['metrics'][number]

/**
 * A waterfall for each metric: every step begins where the one before it ended, so that a reader
 * sees which choice moved the figure, and how sure that is.
 */
export function ablationWaterfalls({ from, to, steps }: AblationView): Markup {
  const metrics = [...new Set(steps.flatMap((step) => step.metrics.map(({ metric }) => metric)))]
  return html`<p>From <strong>${from}</strong> to <strong>${to}</strong>, one choice at a time. It
speaks of this engine: another one may have other reasons.</p>
${metrics.map((metric) => waterfall(metric, from, to, steps))}${noteOf('ratio')}`
}

function waterfall(
  metric: string,
  from: string,
  to: string,
  steps: readonly AblationStep[],
): Markup {
  const rows = placesOf(metric, steps)
  const ends = rows.flatMap(({ begin, end, low, high }) => [begin, end, low, high])
  const most = Math.max(1.1, ...ends.map((value) => Math.exp(Math.abs(Math.log(value)))))
  const scale = logScale(1 / most, most)
  const total = rows.at(-1)?.end ?? 1
  return html`<figure><h3>${metricLabel(metric)}</h3><ul class="rows">${rows.map((row) => {
    const [left, right] = [Math.min(row.begin, row.end), Math.max(row.begin, row.end)]
    const at = (value: number) => percent(scale.at(value))
    const text = row.metric.estimate === null ? 'n/a' : `×${row.metric.estimate.toFixed(2)}`
    const hasInterval = row.metric.low !== null && row.metric.high !== null
    return html`<li><span>${row.step.axis} <span class="muted">${row.step.from} → ${row.step.to}</span></span>
<span class="track-cell"><svg class="k0" role="img" aria-label="${`${row.step.axis}: ${text}, ${row.metric.verdict}`}">
<line class="reference" x1="${at(1)}" x2="${at(1)}" y1="-10%" y2="110%"/>
<rect class="dot" x="${at(left)}" width="${percent(Math.max(0.004, scale.at(right) - scale.at(left)))}" y="20%" height="60%" opacity=".6"/>
${hasInterval ? html`<line class="range" x1="${at(row.low)}" x2="${at(row.high)}" y1="50%" y2="50%"/>` : nothing}
</svg></span><span class="value">${text}${hasInterval ? ` (${row.metric.low?.toFixed(2)}–${row.metric.high?.toFixed(2)})` : ''} <span class="muted">${row.metric.verdict}</span></span></li>`
  })}<li><strong>${from} → ${to}</strong><span class="track-cell"></span><span class="value"><strong>×${total.toFixed(2)}</strong></span></li></ul></figure>`
}

type Place = {
  readonly step: AblationStep
  readonly metric: Metric
  /** Products of the ratios before and with this step. */
  readonly begin: number
  readonly end: number
  /** The step's interval, at its place. */
  readonly low: number
  readonly high: number
}

function placesOf(name: string, steps: readonly AblationStep[]): readonly Place[] {
  let level = 1
  return steps.flatMap((step) => {
    const metric = step.metrics.find((one) => one.metric === name)
    if (metric === undefined) return []
    const begin = level
    level *= metric.estimate ?? 1
    const at = (ratio: number | null) => (ratio === null ? level : begin * ratio)
    return [{ step, metric, begin, end: level, low: at(metric.low), high: at(metric.high) }]
  })
}
