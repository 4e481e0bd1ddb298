import type { ExperimentResult, RunValue } from '../../judgement/history/experiment-record.ts'
import { injectedTexts } from '../experiment-tables.ts'
import { quantityOrNone } from '../quantity.ts'
import type { CellView, ExperimentView } from './experiment-view.ts'
import { figuresTable } from './figures-table.ts'
import { intervalNote, intervalRows, type RowMetric } from './interval-rows.ts'
import { html, type Markup, nothing } from './markup.ts'
import { fold } from './page.ts'
import { percentileChart } from './percentile-chart.ts'
import { timeCharts } from './time-chart.ts'

const openMetrics: readonly RowMetric[] = [
  { title: 'p50, ms', of: (run) => run.responseMs.p50 },
  { title: 'p99, ms', of: (run) => run.responseMs.p99 },
  { title: 'Leader CPU, µs per record', of: (run) => run.cpuMicrosPerRecord.leader },
]
const closedMetrics: readonly RowMetric[] = [
  { title: 'Requests acknowledged per second', of: (run: RunValue) => run.achievedPerSecond },
  { title: 'Leader CPU, µs per record', of: (run) => run.cpuMicrosPerRecord.leader },
]

/** A workload's file and all that its cases showed; those of a sweep keep their charts folded. */
export function workloadSection(view: ExperimentView, names: readonly string[]): Markup {
  const results = view.document.results.filter(({ workload }) => names.includes(workload))
  const charts = names.map((name) => ({ name, markup: chartsOf(view, name) }))
  const isSweep = names.length > 1
  return html`<p class="small muted">${isSweep ? nothing : loopText(results[0])}</p>
${figuresTable(view, results)}${injectedOf(results)}${checksOf(results)}${charts.map(
  ({ name, markup }) =>
    isSweep ? html`<details><summary>Charts of ${name}</summary>${markup}</details>` : markup,
)}`
}

function chartsOf(view: ExperimentView, name: string): Markup {
  const results = view.document.results.filter(({ workload }) => workload === name)
  const cells = view.cells.filter(({ workload }) => workload === name)
  return html`${latencyCharts(view, cells, results)}${runDots(view, cells, results)}`
}

function injectedOf(results: readonly ExperimentResult[]): Markup {
  const lines = results.flatMap(({ workload, subject, injected }) => {
    const texts = injectedTexts(injected)
    return texts.length === 0 ? [] : [html`<li>${workload}, ${subject}: ${texts.join(', ')}</li>`]
  })
  return lines.length === 0
    ? nothing
    : fold('Injected delays, as achieved', html`<ul>${lines}</ul>`)
}

function loopText(result: ExperimentResult | undefined): string {
  if (result === undefined) return ''
  if (result.clients !== undefined) return 'In one process, in memory, closed loop.'
  if (result.loop === 'closed') {
    return 'Closed loop: it shows capacity, and its latency is no response time at a load.'
  }
  return `Open loop at ${quantityOrNone(result.offeredPerSecond)} requests per second.`
}

function latencyCharts(
  view: ExperimentView,
  cells: readonly CellView[],
  results: readonly ExperimentResult[],
): Markup {
  const isOpen = results[0]?.loop === 'open'
  const hasCurve = cells.some(({ curve }) => curve.length > 1)
  const hasSeries = cells.some(({ series }) => series.length > 0)
  const curve = !hasCurve
    ? html`<p class="muted">No percentile curve: these runs keep no histogram.</p>`
    : isOpen
      ? percentileChart(view, cells)
      : html`<p class="muted">No percentile curve: in a closed loop it would follow from the window.</p>`
  const time = hasSeries
    ? timeCharts(view, cells)
    : html`<p class="muted">No latency over time: these runs keep no series.json.</p>`
  return isOpen ? html`<div class="pair">${curve}${time}</div>` : html`${curve}${time}`
}

function runDots(
  view: ExperimentView,
  cells: readonly CellView[],
  results: readonly ExperimentResult[],
): Markup {
  const metrics = results[0]?.loop === 'open' ? openMetrics : closedMetrics
  const rows = metrics.map((metric) => intervalRows(view, cells, metric))
  return html`<div class="trio">${rows}</div>${intervalNote()}`
}

function checksOf(results: readonly ExperimentResult[]): Markup {
  const broken = results.flatMap(({ subject, checks }) =>
    checks.map((check) => ({ subject, ...check })),
  )
  if (broken.length === 0) return nothing
  return html`<div class="callout"><ul>${broken.map(
    ({ subject, check, verdict, explanation }) =>
      html`<li><strong>${subject}: ${check} is ${verdict}.</strong> ${explanation}</li>`,
  )}</ul></div>`
}
