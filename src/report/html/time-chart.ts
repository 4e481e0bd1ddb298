import { type CellView, type ExperimentView, type RunSeries, toneOf } from './experiment-view.ts'
import { noteOf } from './figure-notes.ts'
import { swatch } from './legend.ts'
import { html, type Markup, nothing } from './markup.ts'
import { dot, line, type Point, percent, plot } from './plot.ts'
import { durationLabel, linearScale, logScale, niceBounds, type Scale } from './scale.ts'

/** Latency over the measured part, one panel per subject on the same axes. */
export function timeCharts(view: ExperimentView, cells: readonly CellView[]): Markup {
  const drawn = cells.filter(({ series }) => series.some(({ series: one }) => hasValues(one)))
  const all = drawn.flatMap(({ series }) => series)
  const values = all.flatMap(({ series }) => [...series.maxMs, ...series.p50Ms])
  const { low, high } = niceBounds(values.filter((value) => value !== null))
  const seconds = Math.max(
    ...all.map(({ series }) => (series.slotMs * series.maxMs.length) / 1_000),
  )
  const y = logScale(low, high, durationLabel)
  const x = linearScale(0, seconds, (value) => `${value} s`)
  return html`<figure>
<h3 class="chart-title">Slowest operation over time</h3>
${drawn.map((cell) => panel(view, cell, { x, y }))}
<figcaption>By the moment at which operations were due. Strong: the slowest operation of the run
with the longest wait; dashed: that run’s median; faint: the other runs. Shaded: elections and
faults.</figcaption>
${noteOf('series')}
</figure>`
}

function panel(
  view: ExperimentView,
  { subject, series }: CellView,
  axes: { readonly x: Scale; readonly y: Scale },
): Markup {
  const tone = toneOf(view, subject)
  const worst = longestWait(series)
  if (worst === undefined) return nothing
  const { ms, run, point } = worst
  const others = series.filter((one) => one !== run)
  const text = `longest wait ${durationLabel(ms)}`
  const isLate = axes.x.at(point.x) > 0.6
  const label = html`<text class="strong halo" x="${percent(axes.x.at(point.x))}"
 y="${percent(1 - axes.y.at(point.y))}" dx="${isLate ? -8 : 8}" dy="4"
 text-anchor="${isLate ? 'end' : 'start'}">${text}</text>`
  const height = 120
  return html`<p class="small">${swatch(tone)}<strong>${subject}</strong>
<span class="muted">${text}, at ${point.x.toFixed(1)} s of run ${run.run}</span></p>
${plot({
  ...axes,
  height,
  xTitle: 'since the measured part began',
  yTitle: '',
  label: `Latency over time of ${subject}: ${text} in run ${run.run}, ${eventText(series)}.`,
  layers: [
    ...series.flatMap(({ events }) => bands(events, axes.x)),
    ...others.map((one) => line(axes, pointsOf(one, 'maxMs'), `${tone} thin`)),
    line(axes, pointsOf(run, 'p50Ms'), `${tone} quiet`),
    line(axes, pointsOf(run, 'maxMs'), tone),
    dot(axes, point, { kind: tone, title: text }),
    label,
  ],
})}`
}

const hasValues = (series: RunSeries['series']): boolean =>
  series.maxMs.some((value) => value !== null)

type Wait = { readonly ms: number; readonly run: RunSeries; readonly point: Point }

/** The slowest operation of all these runs, and where it stands. */
export function longestWait(series: readonly RunSeries[]): Wait | undefined {
  const waits = series.flatMap((run) =>
    pointsOf(run, 'maxMs').flatMap((point) =>
      point === null ? [] : [{ ms: point.y, run, point }],
    ),
  )
  return waits.reduce<Wait | undefined>(
    (worst, wait) => (worst === undefined || wait.ms > worst.ms ? wait : worst),
    undefined,
  )
}

/** Each in the middle of its slot, in seconds. */
const pointsOf = ({ series }: RunSeries, figure: 'maxMs' | 'p50Ms'): readonly (Point | null)[] =>
  series[figure].map((value, slot) =>
    value === null ? null : { x: ((slot + 0.5) * series.slotMs) / 1_000, y: Math.max(value, 1e-3) },
  )

const bands = (events: RunSeries['events'], x: Scale): readonly Markup[] =>
  events.map(({ label, beganMs, endedMs }) => {
    const [from, to] = [x.at(beganMs / 1_000), x.at(endedMs / 1_000)]
    return html`<rect class="band" x="${percent(from)}" width="${percent(Math.max(0.004, to - from))}"
 y="0" height="100%"><title>${label}</title></rect>
<text class="halo" x="${percent(from)}" y="0" dy="11" dx="3">${label}</text>`
  })

function eventText(series: readonly RunSeries[]): string {
  const labels = series.flatMap(({ events }) => events.map(({ label }) => label))
  return labels.length === 0 ? 'no election or fault' : labels.join(', ')
}
