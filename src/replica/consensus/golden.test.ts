import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CoreScript } from '../../../test/support/core-script.ts'
import { goldenSuite } from '../../../test/support/datadriven.ts'
import { rules } from './rules.ts'

const acted = new Set<string>()

goldenSuite({
  directory: join(import.meta.dirname, 'testdata'),
  start: () =>
    new CoreScript((hits) => {
      for (const rule of hits) acted.add(rule)
    }),
  answer: (script, directive) => script.run(directive),
})

test('every rule of the protocol acts in some golden trace', () => {
  expect(Object.keys(rules).filter((rule) => !acted.has(rule))).toEqual([])
})
