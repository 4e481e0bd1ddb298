import type { MetricComparison } from '../../judgement/history/experiment-record.ts'
import { metricLabel } from '../experiment-tables.ts'
import { html, type Markup, nothing } from './markup.ts'
import { percent } from './plot.ts'
import { logScale, type Scale } from './scale.ts'

/** Ratios beyond are drawn at the edge: the text has the number. */
const RATIO_MAX = 8

/** B against A: each ratio with its interval, the margin in grey, the verdict in words. */
export function comparisonRows(comparisons: readonly MetricComparison[]): Markup {
  const scale = ratioScale(comparisons)
  return html`<ul class="rows">${comparisons.map((one) => row(scale, one))}${axisRow(scale)}</ul>`
}

function ratioScale(comparisons: readonly MetricComparison[]): Scale {
  const ends = comparisons.flatMap(({ estimate, low, high, margin }) =>
    [estimate, low, high, 1 + 2 * margin].filter((value) => value !== null && value > 0),
  ) as number[]
  const reach = Math.max(1.25, ...ends.map((value) => Math.exp(Math.abs(Math.log(value)))))
  const most = Math.min(RATIO_MAX, reach * 1.05)
  const scale = logScale(1 / most, most)
  const marks = [0.125, 0.25, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 4, 8]
  const wide = most > 2.2 ? [0.67, 0.8, 0.9, 1.1, 1.25, 1.5] : most > 1.4 ? [0.9, 1.1] : []
  const ticks = marks
    .filter((value) => value >= 1 / most && value <= most && !wide.includes(value))
    .map((value) => ({ value, label: `×${value}`, isMinor: false }))
  return { at: (value) => Math.min(1, Math.max(0, scale.at(value))), ticks }
}

function row(scale: Scale, one: MetricComparison): Markup {
  const { workload, metric, estimate, low, high, verdict, margin } = one
  const text =
    estimate === null
      ? 'n/a'
      : `×${estimate.toFixed(2)}${low === null || high === null ? '' : ` (${low.toFixed(2)}–${high.toFixed(2)})`}`
  const [from, to] = [scale.at(1 / (1 + margin)), scale.at(1 + margin)]
  return html`<li><span>${workload} <span class="muted">${metricLabel(metric)}</span></span>
<span class="track-cell"><svg class="k0" role="img" aria-label="${`${text}, ${verdict}`}">
<rect class="zone" x="${percent(from)}" width="${percent(to - from)}" y="0" height="100%"/>
<line class="reference" x1="${percent(scale.at(1))}" x2="${percent(scale.at(1))}" y1="-10%" y2="110%"/>
${low === null || high === null ? nothing : html`<line class="range" x1="${percent(scale.at(low))}" x2="${percent(scale.at(high))}" y1="50%" y2="50%"/>`}
${estimate === null ? nothing : html`<circle class="dot ${verdict === 'undecided' ? 'open' : ''}" cx="${percent(scale.at(estimate))}" cy="50%" r="4"><title>${text}</title></circle>`}
</svg></span><span class="value">${text} ${verdictMarkup(one)}</span></li>`
}

function verdictMarkup({ verdict, reason, detectable }: MetricComparison): Markup {
  const kind = verdict === 'better' ? 'good' : verdict === 'worse' ? 'bad' : 'muted'
  const seen = detectable === null ? '' : `; these rounds could find ×${detectable.toFixed(2)}`
  return html`<span class="${kind}" title="${reason}${seen}">${verdict}</span>`
}

const axisRow = (scale: Scale): Markup =>
  html`<li class="axis-row" aria-hidden="true"><span></span><span class="track-cell"><svg>
<line class="axis" x1="0" x2="100%" y1="1" y2="1"/>${scale.ticks.map(
    ({ value, label }) =>
      html`<text x="${percent(scale.at(value))}" y="15" text-anchor="middle">${label}</text>`,
  )}</svg></span><span></span></li>`
