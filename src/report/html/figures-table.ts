import type { ExperimentResult } from '../../judgement/history/experiment-record.ts'
import { quantileText, quantity, quantityOrNone } from '../quantity.ts'
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
    html`<table><thead><tr><th scope="col">subject</th>${isSweep ? html`<th scope="col">case</th>` : nothing}<th scope="col">requests/s</th>
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
  const cells = [
    quantity(result.achievedPerSecond),
    quantileText(responseMs.p50, 0.5),
    quantileText(responseMs.p90, 0.9),
    quantileText(responseMs.p99, 0.99),
    quantileText(responseMs.p999, 0.999),
    quantityOrNone(responseMs.max),
    quantityOrNone(cpu.leader),
    quantityOrNone(cpu.followers),
    quantityOrNone(cpu.generator),
    quantityOrNone(result.syncsPerAck),
    result.claimedDurability,
  ]
  return html`<tr><th scope="row">${subjectName(view, result)}</th>${isSweep ? html`<td>${caseOf(view, result)}</td>` : nothing}${cells.map(
    (text) => html`<td>${text}</td>`,
  )}<td>${runsUsed(result)}</td></tr>`
}

function caseOf({ document }: ExperimentView, { workload }: ExperimentResult): string {
  const variant = document.workloads.find(({ name }) => name === workload)?.variant ?? {}
  return Object.entries(variant)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')
}

const subjectName = (view: ExperimentView, { subject, rankable }: ExperimentResult): Markup =>
  html`${swatch(toneOf(view, subject))}${subject}${rankable ? '' : ' (not ranked)'}`

const runsUsed = ({ runs, perRun }: ExperimentResult): string => `${runs.length}/${perRun.length}`

function engineTable(view: ExperimentView, results: readonly ExperimentResult[]): Markup {
  return scrolled(
    'Figures of the engines alone',
    html`<table><thead><tr><th scope="col">subject</th><th scope="col">clients</th>
<th scope="col">operations/s</th><th scope="col">runs used</th></tr></thead><tbody>${results.map(
      (result) =>
        html`<tr><th scope="row">${subjectName(view, result)}</th><td>${result.clients}</td>
<td>${quantityOrNone(result.operationsPerSecond)}</td><td>${runsUsed(result)}</td></tr>`,
    )}</tbody></table>`,
  )
}
