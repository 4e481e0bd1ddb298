import { unreachable } from '../../base/assert.ts'
import type { Bar, Block, Cited, Source } from '../document.ts'
import { html, type Markup, nothing } from './markup.ts'
import { navigation, renderPage, scrolled } from './page.ts'

/** A document as one HTML page; its title and what stands before its first section lead it. */
export function documentAsHtml(title: string, blocks: readonly Block[]): string {
  const begin = blocks.findIndex((block) => block.kind === 'heading' && block.level === 2)
  const [lead, rest] = begin < 0 ? [blocks, []] : [blocks.slice(0, begin), blocks.slice(begin)]
  const sections = rest.flatMap((block) =>
    block.kind === 'heading' && block.level === 2 ? [{ id: block.id, title: block.text }] : [],
  )
  return renderPage({
    title,
    header: html`<p class="kicker">raftmark</p>${lead.map(blockMarkup)}${
      sections.length < 2 ? nothing : navigation(sections)
    }`,
    main: html`<div class="prose">${rest.map(blockMarkup)}</div>`,
    footer: html`<p>This page needs no network. Every statement has its source at the end, or a run
of the archive.</p>`,
  })
}

function blockMarkup(block: Block): Markup {
  switch (block.kind) {
    case 'heading':
      return headingMarkup(block)
    case 'paragraph':
      return html`<p>${cited(block.content)}</p>`
    case 'list':
      return listMarkup(block.ordered, block.items)
    case 'table':
      return tableMarkup(block.head, block.rows)
    case 'code':
      return html`<pre tabindex="0"><code>${block.text.trimEnd()}</code></pre>`
    case 'bars':
      return html`<div class="bars">${block.bars.map(barMarkup)}</div>`
    case 'sources':
      return html`<ol class="sources small">${block.sources.map(sourceMarkup)}</ol>`
    default:
      return unreachable(block)
  }
}

function headingMarkup({ level, id, text }: Extract<Block, { kind: 'heading' }>): Markup {
  if (level === 1) return html`<h1 id="${id}">${text}</h1>`
  return level === 2 ? html`<h2 id="${id}">${text}</h2>` : html`<h3 id="${id}">${text}</h3>`
}

function listMarkup(isOrdered: boolean, items: readonly Cited[]): Markup {
  const rows = items.map((item) => html`<li>${cited(item)}</li>`)
  return isOrdered ? html`<ol>${rows}</ol>` : html`<ul>${rows}</ul>`
}

function tableMarkup(head: readonly string[], rows: readonly (readonly Cited[])[]): Markup {
  const isNumeric = head.map((_, column) => rows.every((row) => isFigure(row[column])))
  const kind = (column: number) => (isNumeric[column] ? 'figure' : '')
  return scrolled(
    head.filter((text) => text !== '').join(', '),
    html`<table><thead><tr>${head.map((text, column) =>
      text === '' ? html`<td></td>` : html`<th scope="col" class="${kind(column)}">${text}</th>`,
    )}</tr></thead><tbody>${rows.map(
      (row) =>
        html`<tr>${row.map((cell, column) => html`<td class="${kind(column)}">${cited(cell)}</td>`)}</tr>`,
    )}</tbody></table>`,
  )
}

/** Columns of figures stand to the right, so that their digits can be compared. */
const isFigure = (cell: Cited | undefined): boolean =>
  /^(\?|n\/a|–|[\d.,–]+( ?(%|ms|µs|\/s))?)?$/.test(cell?.text ?? '')

/** The figure stands beside the bar, so that neither colour nor width carries it alone. */
function barMarkup({ label, score, low, high, details }: Bar): Markup {
  const text = score === null ? 'unknown' : score.toFixed(1)
  const range = low === high ? '' : ` (${low.toFixed(1)}–${high.toFixed(1)})`
  const could =
    low === high
      ? nothing
      : html`<span class="could" style="left:${low * 10}%;width:${(high - low) * 10}%"></span>`
  return html`<details><summary class="bar"><b>${label}</b><span class="track" role="img"
 aria-label="${`${label}: ${text} of 10${range}`}"><span class="solid" style="width:${(score ?? 0) * 10}%"></span>${could}</span>
<span class="value">${text}${range}</span></summary><ul>${details.map(
    (detail) => html`<li>${cited(detail)}</li>`,
  )}</ul></details>`
}

function cited({ text, sources = [] }: Cited): Markup {
  const marks = sources.map(
    (number) => html`<sup><a href="#source-${number}">[${number}]</a></sup>`,
  )
  return html`${inline(text)}${marks}`
}

function sourceMarkup({ number, source, kind, factDate, lookedAt }: Source): Markup {
  const parts = source
    .split(/(https?:\/\/[^\s;,()]+)/)
    .map((part) =>
      /^https?:/.test(part) ? html`<a href="${part}" rel="noreferrer">${part}</a>` : html`${part}`,
    )
  const dates = `${kind}; as of ${factDate}, looked at ${lookedAt}`
  return html`<li id="source-${number}" value="${number}">${joined(parts)} <span class="muted">(${dates})</span></li>`
}

/** The little Markdown that texts use: **strong** and \`code\`. */
function inline(text: string): Markup {
  const parts = text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
    if (/^\*\*.+\*\*$/s.test(part)) return html`<strong>${part.slice(2, -2)}</strong>`
    if (/^`.+`$/s.test(part)) return html`<code>${part.slice(1, -1)}</code>`
    return html`${part}`
  })
  return joined(parts)
}

/** Without the line breaks that lists of markup get between them. */
const joined = (parts: readonly Markup[]): Markup =>
  parts.reduce((all, part) => html`${all}${part}`, nothing)
