const COLUMNS = 80
const INDENT = '    '

type Check = ({ readonly adapter: string } | { readonly store: string }) & {
  readonly rules: readonly {
    readonly rule: string
    readonly verdict: string
    readonly detail: string
  }[]
}

/** One line per rule that held; what was expected, seen and exchanged for each that did not. */
export function renderAdapterCheck(check: Check): string {
  const { rules } = check
  const [name, third] =
    'store' in check ? [`store/${check.store}`, 'not-claimed'] : [check.adapter, 'unsupported']
  const width = Math.max(...rules.map(({ rule }) => rule.length))
  const lines = rules.flatMap(({ rule, verdict, detail }) => {
    const head = `  ${verdict.padEnd(11)} ${rule.padEnd(width)}`
    return verdict === 'held' ? [head.trimEnd()] : [head.trimEnd(), ...wrapped(detail)]
  })
  const count = (wanted: string) => rules.filter(({ verdict }) => verdict === wanted).length
  const counts = ['held', 'broken', third].map((verdict) => `${count(verdict)} ${verdict}`)
  return [`${name}: ${rules.length} rules`, ...lines, `${name}: ${counts.join(', ')}`].join('\n')
}

function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = INDENT
  for (const word of text.split(/\s+/)) {
    if (line.length + word.length + 1 > COLUMNS && line !== INDENT) {
      lines.push(line)
      line = INDENT
    }
    line += line === INDENT ? word : ` ${word}`
  }
  return [...lines, line]
}
