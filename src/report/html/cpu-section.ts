import type { ExperimentResult } from '../../judgement/history/experiment-record.ts'
import { quantity } from '../quantity.ts'
import { type ExperimentView, toneOf } from './experiment-view.ts'
import { noteOf } from './figure-notes.ts'
import { html, type Markup, nothing } from './markup.ts'
import { percent } from './plot.ts'

const PARTS = ['leader', 'followers', 'generator'] as const

/** What a record costs, split by process: the figure that carries over to other machines best. */
export function cpuRows(view: ExperimentView): Markup | undefined {
  const results = view.document.results.filter(({ cpuMicrosPerRecord: cpu }) => cpu.leader !== null)
  if (results.length === 0) return undefined
  return html`<p>Microseconds of CPU time for each record that was acknowledged. In each bar the
strongest part is the leader, then the followers together, then the load generator.</p>
${groupsOf(view, results).map((group) => groupRows(view, group))}${noteOf('cpuMicrosPerRecord')}`
}

type Group = { readonly file: string; readonly results: readonly ExperimentResult[] }

/** Workloads differ by a factor of a hundred: each has its own scale. */
function groupsOf(
  { document }: ExperimentView,
  results: readonly ExperimentResult[],
): readonly Group[] {
  const fileOf = ({ workload }: ExperimentResult) =>
    document.workloads.find(({ name }) => name === workload)?.file ?? workload
  const files = [...new Set(results.map(fileOf))]
  return files.map((file) => ({ file, results: results.filter((one) => fileOf(one) === file) }))
}

/** More rows than this are a click away. */
const ROWS_OPEN = 8

function groupRows(view: ExperimentView, { file, results }: Group): Markup {
  const most = Math.max(...results.map(totalOf))
  const isSweep = new Set(results.map(({ workload }) => workload)).size > 1
  const rows = html`<ul class="rows">${results.map((result) => {
    const { subject, workload, cpuMicrosPerRecord: cpu } = result
    const words = PARTS.map((part) => `${part} ${quantity(cpu[part] ?? 0)}`).join(', ')
    return html`<li><span>${subject}${isSweep ? html` <span class="muted">${workload}</span>` : nothing}</span><span class="track-cell"><span
 class="stack ${toneOf(view, subject)}" role="img" aria-label="${`${subject}: ${words} µs per record`}">${PARTS.map(
   (part, at) =>
     cpu[part] === null
       ? nothing
       : html`<span class="p${at}" style="width:${percent(cpu[part] / most)}" title="${part} ${quantity(cpu[part])} µs"></span>`,
 )}</span></span><span class="value">${PARTS.map((part) => quantity(cpu[part] ?? 0)).join(' + ')} µs</span></li>`
  })}</ul>`
  return results.length <= ROWS_OPEN
    ? html`<figure><h3>${file}</h3>${rows}</figure>`
    : html`<h3>${file}</h3><details><summary>${results.length} bars</summary>${rows}</details>`
}

const totalOf = ({ cpuMicrosPerRecord: cpu }: ExperimentResult): number =>
  PARTS.reduce((sum, part) => sum + (cpu[part] ?? 0), 0)
