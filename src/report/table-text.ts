/** A table as data; how it looks is decided by the format. */
export type TextTable = {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** GitHub's tables; the first column left, the others right. */
export function markdownTable({ head, rows }: TextTable): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = head.map((_, at) => (at === 0 ? '---' : '---:'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

/** RFC 4180, without a header for what has none. */
export function csvTable({ head, rows }: TextTable): string {
  return [head, ...rows].map((cells) => cells.map(csvCell).join(',')).join('\r\n')
}

function csvCell(cell: string): string {
  // A spreadsheet would take these for a formula.
  const safe = /^[=@]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
