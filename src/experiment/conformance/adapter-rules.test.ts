import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { adapterRules } from './run-adapter-rules.ts'

test('docs/ADAPTERS.md lists every rule with its promise, in their order', () => {
  const page = readFileSync(new URL('../../../docs/ADAPTERS.md', import.meta.url), 'utf8')

  const listed = [...page.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(([, name, promise]) => ({
    name,
    promise,
  }))

  expect(listed).toEqual(adapterRules.map(({ name, promise }) => ({ name, promise })))
})
