import { unreachable } from '../base/assert.ts'
import type { Bar, Block, Cited, Source } from './document.ts'

/** The document as GitHub's Markdown; sources are footnotes. */
export function documentAsMarkdown(blocks: readonly Block[]): string {
  return `${blocks.map(blockText).join('\n\n')}\n`
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${block.text}`
    case 'paragraph':
      return cited(block.content)
    case 'list':
      return block.items
        .map((item, at) => `${block.ordered ? `${at + 1}.` : '-'} ${cited(item)}`)
        .join('\n')
    case 'table':
      return tableText(
        block.head,
        block.rows.map((row) => row.map(cited)),
      )
    case 'code':
      return `\`\`\`${block.language}\n${block.text.trimEnd()}\n\`\`\``
    case 'bars':
      return block.bars.map(barText).join('\n')
    case 'sources':
      return block.sources.map(sourceText).join('\n')
    default:
      return unreachable(block)
  }
}

function cited({ text, sources = [] }: Cited): string {
  return text + sources.map((number) => `[^${number}]`).join('')
}

function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function barText({ label, score, low, high, details }: Bar): string {
  const range = low === high ? '' : ` (${low.toFixed(1)}–${high.toFixed(1)})`
  const head = `- **${label}** ${score === null ? '?' : score.toFixed(1)}${range}`
  return [head, ...details.map((detail) => `  - ${cited(detail)}`)].join('\n')
}

function sourceText({ number, source, kind, factDate, lookedAt }: Source): string {
  return `[^${number}]: ${source} (${kind}; as of ${factDate}, looked at ${lookedAt})`
}
