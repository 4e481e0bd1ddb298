import { metricLabel } from '../experiment-tables.ts'
import { quantity } from '../quantity.ts'
import { html, type Markup } from './markup.ts'
import { fold, renderPage, scrolled } from './page.ts'
import { dot, line, percent, plot } from './plot.ts'
import { linearScale, type Scale } from './scale.ts'

export type HistoryView = {
  readonly subject: string
  readonly workload: string
  /** Dotted path into a result. */
  readonly metric: string
  /** Oldest first. */
  readonly points: readonly HistoryPointView[]
  readonly changes: readonly {
    readonly experiment: string
    readonly ratio: number
    readonly p: number
    readonly harnessChanged: boolean
  }[]
}

type HistoryPointView = {
  readonly experiment: string
  readonly startedAt: string
  readonly value: number
  readonly runs: number
  readonly harnessHash: string
}

/** A figure of a subject over all its experiments, with the moments at which its level changed. */
export function historyPage(view: HistoryView): string {
  const { subject, workload, metric } = view
  const title = `${metricLabel(metric)} of ${subject} under ${workload}`
  return renderPage({
    title: `${title}: raftmark history`,
    header: html`<p class="kicker">raftmark · history</p><h1>${summaryOf(view)}</h1>
<p class="muted">${title}; <code>${metric}</code>, over ${view.points.length} experiments.</p>`,
    main: html`${view.points.length === 0 ? empty() : chart(view)}${changesOf(view)}${tableOf(view)}
<section aria-labelledby="again"><h2 id="again">Again</h2>
<pre tabindex="0"><code>raftmark results history ${subject} ${workload} --metric ${metric} --format html -o out.html</code></pre></section>`,
    footer: html`<p>This page needs no network; its figures come from the folders of the runs.</p>`,
  })
}

function summaryOf({ points, changes, metric, subject, workload }: HistoryView): string {
  const last = points.at(-1)
  if (last === undefined) return `No rankable run of ${subject} under ${workload} is saved.`
  const now = `${metricLabel(metric)} of ${subject} under ${workload} is ${quantity(last.value)}${unitOf(metric)} now`
  if (points.length === 1) return `${now}; a single experiment has no history.`
  const change = changes.at(-1)
  if (change === undefined) return `${now}; no change of its level was found.`
  const doubt = change.harnessChanged ? ', when the harness changed too' : ''
  return `${now}; its level changed ×${quantity(change.ratio)} at ${change.experiment}${doubt}.`
}

function unitOf(metric: string): string {
  if (metric.startsWith('responseMs')) return ' ms'
  return metric.startsWith('cpuMicros') ? ' µs per record' : ' per second'
}

const empty = (): Markup =>
  html`<p class="muted">Nothing to draw. To measure it: <code>raftmark run</code></p>`

function chart(view: HistoryView): Markup {
  const { points, metric } = view
  const values = points.map(({ value }) => value)
  const y = linearScale(0, Math.max(...values))
  const x = orderScale(points)
  const axes = { x, y }
  const levels = levelsOf(view)
  return html`<figure>${plot({
    ...axes,
    height: 260,
    xTitle: 'experiments, oldest first',
    yTitle: `${metricLabel(metric)},${unitOf(metric)}`,
    label: `${metric} over ${points.length} experiments; the table below has the values.`,
    layers: [
      ...harnessMarks(points, x),
      ...levels.map(({ from, to, value }) =>
        line(
          axes,
          [
            { x: from, y: value },
            { x: to, y: value },
          ],
          'k1',
        ),
      ),
      line(
        axes,
        points.map(({ value }, at) => ({ x: at, y: value })),
        'k0 thin',
      ),
      ...points.map(({ experiment, value, runs }, at) =>
        dot(
          axes,
          { x: at, y: value },
          { kind: 'k0', title: `${experiment}: ${quantity(value)}, ${runs} runs` },
        ),
      ),
    ],
  })}<figcaption>Each dot is the median of an experiment’s rankable runs; the stroke is the level between
changes. A dashed upright marks another harness: what changes there may be raftmark’s own doing.</figcaption>
${note()}</figure>`
}

const note = (): Markup =>
  fold(
    'Formula and doubt',
    html`<p>Change points by E-divisive means over the medians, kept when a t-test gives p &lt; 0.001 and
the level moved by at least 5 %.</p><p><strong>When not to trust it.</strong> Experiments of different days
share no rounds: the machine’s own drift is in every dot. Below about ten experiments only large
changes are found.</p><p class="muted">docs/method-statistics.md.</p>`,
  )

/** Experiments are not evenly spaced in time; their order is what a change point is about. */
function orderScale(points: readonly HistoryPointView[]): Scale {
  const last = Math.max(1, points.length - 1)
  const step = Math.max(1, Math.ceil(points.length / 6))
  const ticks = points.flatMap(({ startedAt }, at) =>
    at % step === 0
      ? [{ value: at, label: startedAt.slice(0, 10), isMinor: (at / step) % 2 === 1 }]
      : [],
  )
  return { at: (value) => (points.length === 1 ? 0.5 : value / last), ticks }
}

function harnessMarks(points: readonly HistoryPointView[], x: Scale): readonly Markup[] {
  return points.flatMap(({ harnessHash }, at) => {
    const before = points[at - 1]
    if (before === undefined || before.harnessHash === harnessHash) return []
    const place = percent(x.at(at - 0.5))
    return [html`<line class="reference" x1="${place}" x2="${place}" y1="0" y2="100%"/>`]
  })
}

type Level = { readonly from: number; readonly to: number; readonly value: number }

function levelsOf({ points, changes }: HistoryView): readonly Level[] {
  const begins = changes.map((one) =>
    points.findIndex(({ experiment }) => experiment === one.experiment),
  )
  const bounds = [0, ...begins.filter((at) => at > 0), points.length]
  return bounds.slice(1).flatMap((end, at) => {
    const begin = bounds[at] ?? 0
    const values = points.slice(begin, end).map(({ value }) => value)
    if (values.length < 2) return []
    const sorted = [...values].sort((one, other) => one - other)
    return [{ from: begin, to: end - 1, value: sorted[Math.floor(sorted.length / 2)] ?? 0 }]
  })
}

function changesOf({ changes }: HistoryView): Markup {
  const items = changes.map(
    ({ experiment, ratio, p, harnessChanged }) =>
      html`<li>×${quantity(ratio)} since <strong>${experiment}</strong> (p ${p.toPrecision(2)})${
        harnessChanged ? '; the harness changed then too' : ''
      }</li>`,
  )
  return html`<section aria-labelledby="changes"><h2 id="changes">Changes of the level</h2>${
    items.length === 0 ? html`<p class="muted">None was found.</p>` : html`<ul>${items}</ul>`
  }</section>`
}

function tableOf({ points }: HistoryView): Markup {
  const rows = [...points].reverse().map(
    ({ experiment, startedAt, value, runs, harnessHash }) =>
      html`<tr><th scope="row">${experiment}</th><td class="text">${startedAt.slice(0, 16).replace('T', ' ')}</td>
<td>${quantity(value)}</td><td>${runs}</td><td class="text"><code>${harnessHash.slice(0, 10)}</code></td></tr>`,
  )
  return html`<section aria-labelledby="values"><h2 id="values">Values, newest first</h2>${scrolled(
    'Values of all experiments',
    html`<table><thead><tr><th scope="col">experiment</th><th scope="col" class="text">began, UTC</th>
<th scope="col">value</th><th scope="col">runs</th><th scope="col" class="text">harness</th></tr></thead>
<tbody>${rows}</tbody></table>`,
  )}</section>`
}
