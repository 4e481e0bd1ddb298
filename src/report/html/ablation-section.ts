import type { Ablation, AblationStep } from '../../judgement/history/ablation.ts'
import type { MetricComparison } from '../../judgement/history/metric-comparison.ts'
import { metricLabel } from '../experiment-tables.ts'
import { noteOf } from './figure-notes.ts'
import { html, type Markup, nothing } from './markup.ts'
import { percent } from './plot.ts'
import { logScale, type Scale } from './scale.ts'

/** A row of a waterfall: from `begin` to `end`, as multiples of where the walk began. */
type Row = {
  readonly label: string
  readonly remark: string
  readonly begin: number
  readonly comparison: MetricComparison
}

type Walk = { readonly title: string; readonly rows: readonly Row[] }

/**
 * What each choice buys. With two choices, or every combination measured, the steps multiply to the
 * whole: then each begins where the one before it ended. Otherwise each stands by itself.
 */
export function ablationSection(ablation: Ablation): Markup {
  const { from, to, total } = ablation
  return html`<p>From <strong>${from}</strong> to <strong>${to}</strong>, choice by choice: the figure
after the step ÷ before it. It speaks of this engine; another one may have other reasons.</p>
${total.map((whole) => metricFigure(ablation, whole))}${interactionsOf(ablation)}${noteOf('ratio')}`
}

function metricFigure(ablation: Ablation, whole: MetricComparison): Markup {
  const walks = walksOf(ablation, whole)
  const last: Row = {
    label: `${ablation.from} → ${ablation.to}`,
    remark: 'all at once',
    begin: 1,
    comparison: whole,
  }
  const rows = [...walks.flatMap((walk) => walk.rows), last]
  const scale = scaleOf(rows)
  return html`<figure><h3>${whole.workload} ${metricLabel(whole.metric)}</h3>${walks.map(
    ({ title, rows: own }) =>
      html`<p class="small muted">${title}</p><ul class="rows">${own.map((row) => rowMarkup(scale, row))}</ul>`,
  )}<ul class="rows">${rowMarkup(scale, last)}</ul></figure>`
}

function walksOf(ablation: Ablation, whole: MetricComparison): readonly Walk[] {
  const steps = ablation.steps.flatMap((step) => {
    const comparison = step.metrics.find(
      (one) => one.workload === whole.workload && one.metric === whole.metric,
    )
    return comparison === undefined ? [] : [{ step, comparison }]
  })
  const of = (end: AblationStep['end']) => steps.filter(({ step }) => step.end === end)
  if (ablation.factorial) {
    return [
      { title: 'each averaged over all combinations of the others', rows: chained(of('all')) },
    ]
  }
  const [first, second] = of('from')
  const [firstLast, secondLast] = of('to')
  if (of('from').length === 2 && first && second && firstLast && secondLast) {
    return [
      { title: `${first.step.name} first`, rows: chained([first, secondLast]) },
      { title: `${second.step.name} first`, rows: chained([second, firstLast]) },
    ]
  }
  return [
    { title: `others as in ${ablation.from}`, rows: of('from').map((one) => rowOf(one, 1)) },
    { title: `others as in ${ablation.to}`, rows: of('to').map((one) => rowOf(one, 1)) },
  ]
}

type Step = { readonly step: AblationStep; readonly comparison: MetricComparison }

function chained(steps: readonly Step[]): readonly Row[] {
  let level = 1
  return steps.map((one) => {
    const row = rowOf(one, level)
    level *= one.comparison.estimate ?? 1
    return row
  })
}

const rowOf = ({ step, comparison }: Step, begin: number): Row => ({
  label: step.name,
  remark: `${step.from} → ${step.to}`,
  begin,
  comparison,
})

function scaleOf(rows: readonly Row[]): Scale {
  const ends = rows.flatMap(({ begin, comparison: { estimate, low, high } }) =>
    [1, estimate, low, high].flatMap((ratio) => (ratio === null ? [] : [begin * ratio])),
  )
  const most = Math.max(1.1, ...ends.map((value) => Math.exp(Math.abs(Math.log(value)))))
  return logScale(1 / most, most)
}

function rowMarkup(scale: Scale, { label, remark, begin, comparison }: Row): Markup {
  const { estimate, low, high, verdict } = comparison
  const at = (ratio: number) => percent(scale.at(begin * ratio))
  const hasInterval = low !== null && high !== null
  const interval = hasInterval ? ` (${low.toFixed(2)}–${high.toFixed(2)})` : ''
  const text = estimate === null ? 'n/a' : `×${estimate.toFixed(2)}${interval}`
  const kind = verdict === 'better' ? 'good' : verdict === 'worse' ? 'bad' : 'muted'
  return html`<li><span>${label} <span class="muted">${remark}</span></span>
<span class="track-cell"><svg class="k0" role="img" aria-label="${`${label}: ${text}, ${verdict}`}">
<line class="reference" x1="${percent(scale.at(1))}" x2="${percent(scale.at(1))}" y1="-10%" y2="110%"/>
${estimate === null ? nothing : stepBar(scale, begin, estimate)}
${hasInterval ? html`<line class="range" x1="${at(low)}" x2="${at(high)}" y1="50%" y2="50%"/>` : nothing}
</svg></span><span class="value">${text} <span class="${kind}">${verdict}</span></span></li>`
}

function stepBar(scale: Scale, begin: number, estimate: number): Markup {
  const [from, to] = [scale.at(begin), scale.at(begin * estimate)]
  const width = percent(Math.max(0.003, Math.abs(to - from)))
  return html`<rect class="dot" x="${percent(Math.min(from, to))}" width="${width}" y="18%" height="64%" opacity=".45"/>`
}

function interactionsOf({ interactions }: Ablation): Markup {
  const different = interactions.flatMap(({ axes: [one, other], metrics }) =>
    metrics
      .filter(({ low, high }) => low !== null && high !== null && (low > 1 || high < 1))
      .map(
        ({ workload, metric, estimate, low, high }) =>
          html`<li>${workload} ${metricLabel(metric)}: what ${one} buys is ×${estimate?.toFixed(2)}
(${low?.toFixed(2)}–${high?.toFixed(2)}) with ${other}.</li>`,
      ),
  )
  if (interactions.length === 0) return nothing
  return different.length === 0
    ? html`<p>No interaction between choices was shown: each buys about the same whatever the others are.</p>`
    : html`<h3>Interactions that matter</h3><ul>${different}</ul>`
}
