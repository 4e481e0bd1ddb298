import type { ExperimentResult } from '../../judgement/history/experiment-record.ts'
import { samplesNeeded } from '../../judgement/stats/quantile.ts'
import { quantity, quantityOrNone } from '../quantity.ts'
import { type ExperimentView, toneOf } from './experiment-view.ts'
import { swatch } from './legend.ts'
import { html, type Markup, nothing } from './markup.ts'
import { scrolled } from './page.ts'

/** One row per subject with all figures; response times in milliseconds. */
export function figuresTable(view: ExperimentView, results: readonly ExperimentResult[]): Markup {
  const [first] = results
  const isSweep = new Set(results.map(({ workload }) => workload)).size > 1
  if (first?.clients !== undefined) return engineTable(view, results)
  return scrolled(
    `Figures of ${first?.workload ?? ''}`,
    html`<table><thead><tr><th scope="col">subject</th>${isSweep ? html`<th scope="col" class="text">case</th>` : nothing}<th scope="col">requests/s</th>
<th scope="col">p50 ms</th><th scope="col">p90 ms</th><th scope="col">p99 ms</th>
<th scope="col">p99.9 ms</th><th scope="col">max ms</th>
<th scope="col">CPU µs/record<br>leader</th><th scope="col"><br>followers</th>
<th scope="col"><br>generator</th><th scope="col">syncs/ack</th><th scope="col">durability</th>
<th scope="col">runs used</th></tr></thead><tbody>${results.map((result) => row(view, result, isSweep))}
</tbody></table>`,
  )
}

function row(view: ExperimentView, result: ExperimentResult, isSweep: boolean): Markup {
  const { responseMs, cpuMicrosPerRecord: cpu } = result
  const quantiles = [
    quantileCell(responseMs.p50, 0.5),
    quantileCell(responseMs.p90, 0.9),
    quantileCell(responseMs.p99, 0.99),
    quantileCell(responseMs.p999, 0.999),
  ]
  const cells = [
    quantityOrNone(responseMs.max),
    quantityOrNone(cpu.leader),
    quantityOrNone(cpu.followers),
    quantityOrNone(cpu.generator),
    quantityOrNone(result.syncsPerAck),
    result.claimedDurability,
    `${result.runs.length}/${result.perRun.length}`,
  ]
  return html`<tr><th scope="row">${subjectName(view, result)}</th>${
    isSweep ? html`<td class="text">${caseOf(view, result)}</td>` : nothing
  }<td>${quantity(result.achievedPerSecond)}</td>${quantiles}${cells.map(
    (text) => html`<td>${text}</td>`,
  )}</tr>`
}

/** A quantile, or how many requests it would need. */
const quantileCell = (value: number | null, ratio: number): Markup =>
  value === null
    ? html`<td class="na">n/a<small>needs ${quantity(samplesNeeded(ratio))}</small></td>`
    : html`<td>${quantity(value)}</td>`

function caseOf({ document }: ExperimentView, { workload }: ExperimentResult): string {
  const variant = document.workloads.find(({ name }) => name === workload)?.variant ?? {}
  return Object.entries(variant)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')
}

const subjectName = (view: ExperimentView, { subject, rankable }: ExperimentResult): Markup =>
  html`${swatch(toneOf(view, subject))}${subject}${rankable ? '' : ' (not ranked)'}`

function engineTable(view: ExperimentView, results: readonly ExperimentResult[]): Markup {
  return scrolled(
    'Figures of the engines alone',
    html`<table><thead><tr><th scope="col">subject</th><th scope="col">clients</th>
<th scope="col">operations/s</th><th scope="col">runs used</th></tr></thead><tbody>${results.map(
      (result) =>
        html`<tr><th scope="row">${subjectName(view, result)}</th><td>${result.clients}</td>
<td>${quantityOrNone(result.operationsPerSecond)}</td><td>${`${result.runs.length}/${result.perRun.length}`}</td></tr>`,
    )}</tbody></table>`,
  )
}
