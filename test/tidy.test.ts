import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

type Ban = { readonly pattern: RegExp; readonly use: string; readonly allowed: RegExp }

/** What the rest of the tree must not say, and the one place that may. */
const bans: readonly Ban[] = [
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bprocess\.hrtime/,
    use: 'the Clock that you are given, or wallClock of src/os',
    allowed: /^src\/os\//,
  },
  {
    pattern: /\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/,
    use: 'the seeded Prng that you are given, or entropy of src/os',
    allowed: /^src\/os\//,
  },
  {
    pattern: /\bset(Timeout|Interval|Immediate)\(|\bqueueMicrotask\(|\bprocess\.nextTick\(/,
    use: 'Clock.wakeAt and Clock.defer, so that the simulator owns time',
    allowed: /^src\/os\//,
  },
  { pattern: /\bconsole\./, use: 'a report or the command’s own log', allowed: /^src\/cli\// },
]

test.each(bans)('everywhere else, use $use', ({ pattern, use, allowed }) => {
  const offences = sourceFiles()
    .filter((path) => !allowed.test(path))
    .flatMap((path) => linesMatching(path, pattern))
  expect(offences, `use ${use}`).toEqual([])
})

/** White space in a template of markup is white space on the page: such lines are not folded. */
const markup = /^src\/report\/html\//

test('no line is longer than 100 columns', () => {
  const files = sourceFiles().filter((path) => !markup.test(path))
  expect(files.flatMap((path) => linesMatching(path, /^.{101,}$/))).toEqual([])
})

test('a file fits in one head', () => {
  const long = sourceFiles().filter((path) => readFileSync(path, 'utf8').split('\n').length > 400)
  expect(long).toEqual([])
})

test('no file is called after what it is not', () => {
  const vague = /(^|[-/])(util|utils|helper|helpers|manager|misc|common|data)(-|\.ts$)/
  expect(sourceFiles().filter((path) => vague.test(path))).toEqual([])
})

function sourceFiles(): string[] {
  return ['src', 'adapters'].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => `${root}/${name}`)
      .filter((path) => !path.includes('/gen/') && !path.startsWith('adapters/templates/')),
  )
}

function linesMatching(path: string, pattern: RegExp): string[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}: ${line}`] : []))
}
