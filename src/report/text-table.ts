import Table from 'cli-table3'

/** The narrowest terminal that must show a table whole. */
export const COLUMNS = 80

/** A table without colour. Columns after the first are right-aligned: they hold numbers. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly widths?: readonly (number | null)[]; readonly left?: boolean } = {},
): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1 },
    colAligns: head.map((_, at) => (at === 0 || options.left === true ? 'left' : 'right')),
    wordWrap: true,
    ...(options.widths === undefined ? {} : { colWidths: [...options.widths] }),
  })
  for (const row of rows) table.push([...row])
  return table.toString()
}

/** Breaks a sentence at spaces so that each line fits, with `indent` before all but the first. */
export function wrapped(sentence: string, indent = '  ', columns = COLUMNS): string {
  const lines: string[] = []
  let line = ''
  for (const word of sentence.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length > columns && line !== '') {
      lines.push(line)
      line = `${indent}${word}`
    } else {
      line = longer
    }
  }
  return [...lines, line].join('\n')
}
