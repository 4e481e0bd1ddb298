import type { ExperimentResult } from '../../judgement/history/experiment-record.ts'
import type { RateFinding } from '../../judgement/history/run-record.ts'
import { kneeSentence, kneesOf } from '../knees.ts'
import { quantity } from '../quantity.ts'
import { type CellView, type ExperimentView, lineKindOf, toneOf } from './experiment-view.ts'
import { noteOf } from './figure-notes.ts'
import { legend } from './legend.ts'
import { html, type Markup } from './markup.ts'
import { dot, line, type Point, plot } from './plot.ts'
import { durationLabel, logScale, niceBounds, shortNumber } from './scale.ts'

type Rung = { readonly cell: CellView; readonly result: ExperimentResult; readonly load: number }

/** Latency over load and rate over concurrency, one chart per workload with a sweep. */
export function loadCurves(view: ExperimentView): readonly Markup[] {
  const bases = [...new Set(view.cells.filter(isSwept).map(({ base }) => base))]
  return [...bases.flatMap((base) => curvesOf(view, base)), ...searchRows(view)]
}

const isSwept = ({ variant }: CellView): boolean => Object.keys(variant).length > 0

function curvesOf(view: ExperimentView, base: string): readonly Markup[] {
  const cells = view.cells.filter((cell) => cell.base === base)
  const axes = [...new Set(cells.flatMap(({ variant }) => Object.keys(variant)))]
  return axes.flatMap((axis) => {
    const rungs = cells.flatMap((cell): Rung[] => {
      const load = cell.variant[axis]
      const result = view.document.results.find(
        (one) => one.workload === cell.workload && one.subject === cell.subject,
      )
      return typeof load !== 'number' || result === undefined ? [] : [{ cell, result, load }]
    })
    return new Set(rungs.map(({ load }) => load)).size < 2
      ? []
      : [sweepChart(view, base, axis, rungs)]
  })
}

/** Of an open loop latency is what rises; of a closed one the rate is what is found. */
function sweepChart(
  view: ExperimentView,
  base: string,
  axis: string,
  rungs: readonly Rung[],
): Markup {
  const isOpen = rungs[0]?.result.loop === 'open' && rungs[0].result.clients === undefined
  return isOpen ? latencyChart(view, base, axis, rungs) : rateChart(view, base, axis, rungs)
}

function latencyChart(
  view: ExperimentView,
  base: string,
  axis: string,
  rungs: readonly Rung[],
): Markup {
  const x = axisOf(rungs)
  const values = rungs.flatMap(({ result }) => [result.responseMs.p50, result.responseMs.p99])
  const { low, high } = niceBounds(values.filter((value) => value !== null))
  const axes = { x, y: logScale(low, high, durationLabel) }
  const subjects = subjectsOf(rungs)
  const layers = subjects.flatMap((subject) =>
    (['p50', 'p99'] as const).flatMap((quantile) => {
      const own = rungs.filter(({ cell }) => cell.subject === subject)
      const points = own.flatMap(({ result, load }) => {
        const y = result.responseMs[quantile]
        return y === null ? [] : [{ x: load, y, result }]
      })
      const kind = quantile === 'p99' ? toneOf(view, subject) : `${toneOf(view, subject)} quiet`
      return [line(axes, points, kind), ...points.map((point) => rungDot(view, axes, point))]
    }),
  )
  return html`<figure><h3>${base}: latency over ${axisWord(axis)}</h3>
${legend(
  subjects.flatMap((subject) => [
    { label: `${subject} p99`, kind: toneOf(view, subject) },
    { label: `${subject} p50`, kind: `${toneOf(view, subject)} quiet` },
  ]),
)}
${plot({
  ...{ ...axes, height: 240, layers },
  xTitle: axisWord(axis),
  yTitle: 'response time',
  label: `Response time of ${subjects.join(' and ')} over ${axisWord(axis)}; the tables have the figures.`,
})}<figcaption>Hollow: at this load the subject is not ranked. ${kneesOf(view.document)
    .filter(({ file }) => file === base)
    .map(kneeSentence)
    .join(' ')}</figcaption>${noteOf('responseMs')}</figure>`
}

function rateChart(
  view: ExperimentView,
  base: string,
  axis: string,
  rungs: readonly Rung[],
): Markup {
  const x = axisOf(rungs)
  const rateOf = (result: ExperimentResult) =>
    result.operationsPerSecond ?? result.achievedPerSecond
  const { low, high } = niceBounds(rungs.map(({ result }) => rateOf(result)))
  const axes = { x, y: logScale(low, high) }
  const subjects = subjectsOf(rungs)
  const layers = subjects.flatMap((subject) => {
    const points = rungs
      .filter(({ cell }) => cell.subject === subject)
      .map(({ result, load }) => ({ x: load, y: rateOf(result), result }))
    return [
      line(axes, points, lineKindOf(view, subject)),
      ...points.map((point) => rungDot(view, axes, point)),
    ]
  })
  return html`<figure><h3>${base}: rate over ${axisWord(axis)}</h3>
${legend(subjects.map((subject) => ({ label: subject, kind: lineKindOf(view, subject) })))}
${plot({
  ...{ ...axes, height: 240, layers },
  xTitle: axisWord(axis),
  yTitle: 'per second',
  label: `Rate of ${subjects.join(' and ')} over ${axisWord(axis)}; the tables have the figures.`,
})}<figcaption>Hollow: at this load the subject is not ranked.</figcaption>${noteOf('achievedPerSecond')}</figure>`
}

const subjectsOf = (rungs: readonly Rung[]): readonly string[] => [
  ...new Set(rungs.map(({ cell }) => cell.subject)),
]

const axisOf = (rungs: readonly Rung[]) => {
  const loads = rungs.map(({ load }) => load)
  const [least, most] = [Math.min(...loads.filter((load) => load > 0)), Math.max(...loads)]
  return logScale(least, most, shortNumber)
}

function rungDot(
  view: ExperimentView,
  axes: Parameters<typeof dot>[0],
  { x, y, result }: Point & { readonly result: ExperimentResult },
): Markup {
  const kind = `${toneOf(view, result.subject)} ${result.rankable ? '' : 'open'}`
  const title = `${result.subject} at ${quantity(x)}: ${quantity(y)}${result.rankable ? '' : ', not ranked'}`
  return dot(axes, { x, y }, { kind, title })
}

const axisWords: Readonly<Record<string, string>> = {
  ratePerSecond: 'requests per second asked for',
  inFlight: 'requests in flight',
  payloadBytes: 'bytes of a record',
  partitions: 'partitions',
}

const axisWord = (axis: string): string => axisWords[axis] ?? axis

type Search = { readonly cell: CellView; readonly finding: RateFinding }

/** Every probe of a search for the highest rate: what held and what broke the rule. */
function searchRows(view: ExperimentView): readonly Markup[] {
  const searches = view.cells.flatMap((cell): Search[] =>
    cell.searches.map((finding) => ({ cell, finding })),
  )
  if (searches.length === 0) return []
  return [
    html`<figure><h3>Highest rate that holds</h3>
<table><thead><tr><th scope="col">subject</th><th scope="col">found, per second</th>
<th scope="col" class="text">confirmed</th><th scope="col" class="text">probes</th></tr></thead>
<tbody>${searches.map(({ cell, finding }) => searchRow(cell, finding))}</tbody></table>
${noteOf('search')}</figure>`,
  ]
}

function searchRow({ subject, workload }: CellView, finding: RateFinding): Markup {
  const { probes, ratePerSecond, hasHeld, isConfirmed } = finding
  const texts = probes.map(
    ({ ratePerSecond: rate, held, failed, slow }) =>
      html`<li>${quantity(rate)}/s ${held ? 'held' : html`<span class="bad">broke the rule</span>`}${
        held ? '' : ` (${failed} failed, ${slow} slow)`
      }</li>`,
  )
  const confirmed = !hasHeld
    ? 'no rate held'
    : isConfirmed
      ? 'yes'
      : 'no: it did not hold for longer'
  return html`<tr><th scope="row">${subject} <span class="muted">${workload}</span></th>
<td>${quantity(ratePerSecond)}</td><td class="text wrap">${confirmed}</td>
<td class="text wrap"><details><summary>${probes.length} probes</summary><ol>${texts}</ol></details></td></tr>`
}
