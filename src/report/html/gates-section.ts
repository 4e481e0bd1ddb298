import type { Gate, RunRecord } from '../../judgement/history/run-record.ts'
import { quantity } from '../quantity.ts'
import type { CellView, ExperimentView } from './experiment-view.ts'
import { noteOf } from './figure-notes.ts'
import { html, type Markup } from './markup.ts'
import { scrolled } from './page.ts'

/** Every gate of every run: what was missed first, the rest a click away. */
export function gatesSection(view: ExperimentView): Markup {
  const runs = view.cells.flatMap(({ runs: own }) => own)
  const missed = runs.filter(({ rankable }) => !rankable)
  const names = [...new Set(runs.flatMap(({ gates }) => gates.map(({ name }) => name)))]
  const summary =
    missed.length === 0
      ? `All gates of all ${runs.length} runs held.`
      : `${runs.length - missed.length} of ${runs.length} runs may be ranked; ${missed.length} missed a gate:`
  return html`<p>${summary}</p>
${missed.length === 0 ? '' : html`<ul>${missed.map(missedItem)}</ul>`}
<details><summary>Every gate of every run</summary>${scrolled(
    'Gates of all runs',
    html`<table><thead><tr><th scope="col">run</th><th scope="col" class="text">workload</th>
<th scope="col" class="text">subject</th><th scope="col">verdict</th>${names.map(
      (name) => html`<th scope="col">${name}</th>`,
    )}</tr></thead><tbody>${view.cells.flatMap((cell) => cell.runs.map((run) => runRow(cell, run, names)))}
</tbody></table>`,
  )}</details>${noteOf('gates')}`
}

function missedItem(run: RunRecord): Markup {
  const missed = run.gates.filter(({ held }) => !held)
  const reasons = [
    ...(run.interrupted === undefined ? [] : [run.interrupted]),
    ...(run.verdict === 'valid' ? [] : [`verdict ${run.verdict}`]),
    ...missed.map((gate) => `${gate.name} ${gateText(gate)}`),
  ]
  return html`<li><strong>${run.workload} · ${run.subject}</strong>, round ${run.round}
<span class="muted">(${run.id})</span>: ${reasons.join('; ')}</li>`
}

function runRow(cell: CellView, run: RunRecord, names: readonly string[]): Markup {
  const cells = names.map((name) => {
    const gate = run.gates.find((one) => one.name === name)
    if (gate === undefined) return html`<td>–</td>`
    const text = gateText(gate)
    return html`<td>${gate.held ? text : html`<span class="bad">${text} missed</span>`}</td>`
  })
  return html`<tr><th scope="row">${run.id}</th><td class="text">${cell.workload}</td>
<td class="text">${cell.subject}</td><td>${run.verdict}</td>${cells}</tr>`
}

const gateText = ({ value, limit, unit }: Gate): string =>
  `${quantity(value)} of ${quantity(limit)} ${unit}`
