import type { ExperimentDocument } from '../../judgement/history/experiment-record.ts'
import { html, type Markup } from './markup.ts'

/** On what, with what and when it was measured. */
export function environmentSection(document: ExperimentDocument): Markup {
  const versions = Object.entries(document.versions).map(([name, version]) => `${name} ${version}`)
  return html`<div class="pair"><div><h3>Machine</h3>${valueTable(document.machine)}</div>
<div><h3>Calibration, right before</h3>${valueTable(document.calibration)}</div></div>
<h3>Versions</h3><p>${versions.join(', ')}; harness
<code>${document.harnessHash ?? 'unknown'}</code></p>`
}

/** Whatever was recorded: another version of raftmark may have recorded more. */
function valueTable(value: unknown): Markup {
  const rows = leavesOf(value, '')
  if (rows.length === 0) return html`<p class="muted">Nothing was recorded.</p>`
  return html`<table><tbody>${rows.map(
    ([name, text]) =>
      html`<tr><td class="text muted">${name}</td><td class="wrap">${text}</td></tr>`,
  )}</tbody></table>`
}

function leavesOf(value: unknown, name: string): readonly (readonly [string, string])[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.map((one) => [name, String(one)] as const)
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([key, inner]) =>
      leavesOf(inner, name === '' ? key : `${name}.${key}`),
    )
  }
  return [[name, typeof value === 'number' ? numberText(name, value) : String(value)]]
}

const GIB = 2 ** 30

const numberText = (name: string, value: number): string =>
  name.endsWith('Bytes') ? `${(value / GIB).toFixed(1)} GiB` : String(Number(value.toPrecision(6)))
