import { expect, test } from 'vitest'
import { renderAdapterCheck } from './terminal-adapter-check.ts'

test('rules that held take a line, others say why within 80 columns', () => {
  const text = renderAdapterCheck({
    adapter: 'mine',
    rules: [
      { rule: 'offsets', verdict: 'held', detail: 'gives offsets' },
      { rule: 'order', verdict: 'broken', detail: 'expected this; '.repeat(12) },
    ],
  })

  expect(text.split('\n').slice(0, 3)).toEqual([
    'mine: 2 rules',
    '  held        offsets',
    '  broken      order',
  ])
  expect(text).toContain('mine: 1 held, 1 broken, 0 unsupported')
  expect(text.split('\n').every((line) => line.length <= 80)).toBe(true)
})

test('a store is called by what its check was asked for', () => {
  const text = renderAdapterCheck({
    store: 'mine',
    rules: [{ rule: 'reopens', verdict: 'not-claimed', detail: 'it keeps nothing' }],
  })

  expect(text.split('\n')).toEqual([
    'store/mine: 1 rules',
    '  not-claimed reopens',
    '    it keeps nothing',
    'store/mine: 0 held, 0 broken, 1 not-claimed',
  ])
})
