import type { RunValue } from '../../judgement/history/experiment-record.ts'
import { hodgesLehmann, signedRankInterval } from '../../judgement/stats/signed-rank.ts'
import { type CellView, type ExperimentView, toneOf } from './experiment-view.ts'
import { noteOf } from './figure-notes.ts'
import { swatch } from './legend.ts'
import { html, type Markup, nothing } from './markup.ts'
import { percent } from './plot.ts'
import { linearScale, type Scale, withInterval } from './scale.ts'

export type RowMetric = {
  readonly title: string
  readonly of: (run: RunValue) => number | null
}

/** An interval needs six runs: below, only the dots are shown. */
const RUNS_MIN = 6

/** Every run as a dot, per subject the estimate and its interval between runs. */
export function intervalRows(
  view: ExperimentView,
  cells: readonly CellView[],
  metric: RowMetric,
): Markup {
  const rows = cells.flatMap((cell) => {
    const result = view.document.results.find(
      (one) => one.workload === cell.workload && one.subject === cell.subject,
    )
    const dots = (result?.perRun ?? []).flatMap((run) => {
      const value = metric.of(run)
      return value === null ? [] : [{ run, value }]
    })
    return dots.length === 0 ? [] : [{ subject: cell.subject, dots }]
  })
  if (rows.length === 0) return nothing
  const values = rows.flatMap(({ dots }) => dots.map(({ value }) => value))
  const scale = linearScale(Math.min(...values), Math.max(...values))
  return html`<figure><h3 class="chart-title">${metric.title}</h3><ul class="rows">${rows.map(
    ({ subject, dots }) => row(scale, toneOf(view, subject), subject, dots),
  )}${axisRow(scale)}</ul></figure>`
}

type Dot = { readonly run: RunValue; readonly value: number }

function row(scale: Scale, tone: string, subject: string, dots: readonly Dot[]): Markup {
  const counted = dots.filter(({ run }) => run.rankable).map(({ value }) => value)
  const summary = summaryOf(counted)
  const text = summary === undefined ? 'not ranked' : withInterval(summary.value, summary.interval)
  const label = `${subject}: ${text}, ${dots.length} runs`
  return html`<li><span>${swatch(tone)}${subject}</span><span class="track-cell">
<svg role="img" aria-label="${label}" class="${tone}">${gridOf(scale)}
${dots.map(({ run, value }) => {
  const at = percent(scale.at(value))
  const kind = run.rankable ? '' : 'open'
  const title = `${run.run}, round ${run.round}: ${value}${run.rankable ? '' : ', not rankable'}`
  return html`<circle class="dot ${kind}" cx="${at}" cy="50%" r="3" opacity=".55"><title>${title}</title></circle>`
})}
${summary === undefined ? nothing : summaryMarks(scale, summary)}</svg></span>
<span class="value">${text}</span></li>`
}

type Summary = {
  readonly value: number
  readonly interval: { readonly low: number; readonly high: number } | undefined
}

/** On the log scale, as comparisons are; values of 0 have no logarithm and no summary. */
function summaryOf(values: readonly number[]): Summary | undefined {
  const logs = values.filter((value) => value > 0).map(Math.log)
  if (logs.length === 0) return undefined
  const value = Math.exp(hodgesLehmann(logs))
  if (logs.length < RUNS_MIN) return { value, interval: undefined }
  const { low, high } = signedRankInterval(logs)
  return { value, interval: { low: Math.exp(low), high: Math.exp(high) } }
}

function summaryMarks(scale: Scale, { value, interval }: Summary): Markup {
  const at = percent(scale.at(value))
  const bar =
    interval === undefined
      ? nothing
      : html`<line class="range" x1="${percent(scale.at(interval.low))}" x2="${percent(scale.at(interval.high))}" y1="50%" y2="50%"/>`
  return html`${bar}<line class="mid" x1="${at}" x2="${at}" y1="12%" y2="88%"/>`
}

const gridOf = (scale: Scale): readonly Markup[] =>
  scale.ticks.map(({ value }) => {
    const at = percent(scale.at(value))
    return html`<line class="grid" x1="${at}" x2="${at}" y1="-10%" y2="110%"/>`
  })

const axisRow = (scale: Scale): Markup =>
  html`<li class="axis-row" aria-hidden="true"><span></span><span class="track-cell"><svg>
<line class="axis" x1="0" x2="100%" y1="1" y2="1"/>${scale.ticks.map(
    ({ value, label, isMinor }) =>
      html`<text class="${isMinor ? 'minor' : ''}" x="${percent(scale.at(value))}" y="15" text-anchor="middle">${label}</text>`,
  )}</svg></span><span></span></li>`

export const intervalNote = (): Markup => noteOf('interval', 'What the dots and bars are')
