import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CoreScript } from '../../../test/support/core-script.ts'
import { goldenSuite } from '../../../test/support/datadriven.ts'
import { type RuleId, rules } from './rules.ts'

const FILES_SHOWN = 4
const ruleIds = Object.keys(rules) as RuleId[]

/** The golden files in which a rule acted. */
const filesOf = new Map<string, Set<string>>(ruleIds.map((rule) => [rule, new Set()]))

goldenSuite({
  directory: join(import.meta.dirname, 'testdata'),
  start: (file) =>
    new CoreScript((hits) => {
      for (const rule of hits) filesOf.get(rule)?.add(file.replace('.txt', ''))
    }),
  answer: (script, directive) => script.run(directive),
})

test('every rule of the protocol acts in some golden trace', () => {
  expect(ruleIds.filter((rule) => filesOf.get(rule)?.size === 0)).toEqual([])
})

test('docs/CHECKS.md says where each rule comes from and which golden files show it', () => {
  const path = join(import.meta.dirname, '../../../docs/CHECKS.md')
  const text = readFileSync(path, 'utf8')
  const [before = '', rest = ''] = text.split('<!-- rules -->\n')
  const after = rest.slice(rest.indexOf('<!-- end of rules -->'))
  const wanted = `${before}<!-- rules -->\n${table()}${after}`

  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, wanted)
  else expect(text).toBe(wanted)
})

function table(): string {
  const lines = ruleIds.map((rule) => {
    const [source = '', what = ''] = rules[rule].split(/: (.*)/)
    return `| \`${rule}\` | ${what} | ${source} | ${shownIn(rule)} |\n`
  })
  return `| rule | what it says | source | golden files |\n|---|---|---|---|\n${lines.join('')}`
}

/** The files in which fewest other rules act come first: they show it best. */
function shownIn(rule: RuleId): string {
  const rulesIn = (file: string): number =>
    ruleIds.filter((other) => filesOf.get(other)?.has(file)).length
  const files = [...(filesOf.get(rule) ?? [])].toSorted((a, b) => rulesIn(a) - rulesIn(b))
  const more = files.length - FILES_SHOWN
  return files.slice(0, FILES_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
