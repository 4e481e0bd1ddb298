import { unreachable } from '../base/assert.ts'
import type { Bar, Block, Cited, Source } from './document.ts'

/** The document as one HTML page that needs nothing else: no script, no font, no address. */
export function documentAsHtml(title: string, blocks: readonly Block[]): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    ...blocks.map(blockHtml),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --bar: #4a78b5; --soft: #4a78b555; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; }
td { vertical-align: top; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid var(--line); }
.bar { display: grid; grid-template-columns: 10rem 1fr 7rem; gap: .5rem; align-items: center; }
.track { position: relative; height: 1rem; border: 1px solid var(--line); }
.track span { position: absolute; inset-block: 0; }
.solid { background: var(--bar); left: 0; }
.range { background: var(--soft); border-inline: 2px solid var(--bar); }
sup a { text-decoration: none; }
`

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level} id="${escaped(block.id)}">${escaped(block.text)}</h${block.level}>`
    case 'paragraph':
      return `<p>${cited(block.content)}</p>`
    case 'list': {
      const tag = block.ordered ? 'ol' : 'ul'
      return `<${tag}>${block.items.map((item) => `<li>${cited(item)}</li>`).join('')}</${tag}>`
    }
    case 'table':
      return tableHtml(block.head, block.rows)
    case 'code':
      return `<pre><code>${escaped(block.text.trimEnd())}</code></pre>`
    case 'bars':
      return block.bars.map(barHtml).join('\n')
    case 'sources':
      return `<ol>${block.sources.map(sourceHtml).join('\n')}</ol>`
    default:
      return unreachable(block)
  }
}

function tableHtml(head: readonly string[], rows: readonly (readonly Cited[])[]): string {
  const heads = head.map((text) => `<th scope="col">${escaped(text)}</th>`).join('')
  const body = rows
    .map((row) => `<tr>${row.map((cell) => `<td>${cited(cell)}</td>`).join('')}</tr>`)
    .join('\n')
  return `<table><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table>`
}

/** The figure stands beside the bar, so that neither colour nor width carries it alone. */
function barHtml({ label, score, low, high, details }: Bar): string {
  const text = score === null ? 'unknown' : score.toFixed(1)
  const range = low === high ? '' : ` (${low.toFixed(1)}–${high.toFixed(1)})`
  const solid = `<span class="solid" style="width:${(score ?? 0) * 10}%"></span>`
  const soft =
    low === high
      ? ''
      : `<span class="range" style="left:${low * 10}%;width:${(high - low) * 10}%"></span>`
  const items = details.map((detail) => `<li>${cited(detail)}</li>`).join('')
  return (
    `<details><summary class="bar"><b>${escaped(label)}</b>` +
    `<span class="track" role="img" aria-label="${escaped(`${label}: ${text} of 10${range}`)}">` +
    `${solid}${soft}</span><span>${text}${range}</span></summary><ul>${items}</ul></details>`
  )
}

function cited({ text, sources = [] }: Cited): string {
  const marks = sources
    .map((number) => `<sup><a href="#source-${number}">[${number}]</a></sup>`)
    .join('')
  return inline(text) + marks
}

function sourceHtml({ number, source, kind, factDate, lookedAt }: Source): string {
  const linked = escaped(source).replace(
    /https?:\/\/[^\s;,()]+/g,
    (address) => `<a href="${address}" rel="noreferrer">${address}</a>`,
  )
  const dates = `${escaped(kind)}; as of ${escaped(factDate)}, looked at ${escaped(lookedAt)}`
  return `<li id="source-${number}" value="${number}">${linked} (${dates})</li>`
}

/** The little Markdown that texts use: **strong** and \`code\`. */
function inline(text: string): string {
  return escaped(text)
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/`([^`]+)`/g, '<code>$1</code>')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
