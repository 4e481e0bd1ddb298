import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { wrongStores } from '../../../test/support/wrong-stores.ts'
import { memoryAdapter } from '../../replica/store/memory-store.ts'
import type { StoreAdapter } from '../../replica/store/store.ts'
import { walAdapter } from '../../replica/store/wal/wal-store.ts'
import { checkStore, storeRules } from './check-store.ts'
import { storeProcessRules } from './store-process-rules.ts'
import { storeShutdownRules } from './store-shutdown-rules.ts'

/** Put to a store by the command line alone, which has processes. */
const hosted = [...storeProcessRules, ...storeShutdownRules]

/** Hundreds of power cuts and thousands of altered bytes, on a machine that others use too. */
const LONG_MS = 120_000

const slow = ['altered-files', 'forgets', 'power-cut-compacts']

const directoryFor = (name: string): string => join(tmpdir(), `raftmark-${process.pid}-${name}`)

async function verdictsOf(adapter: StoreAdapter, rules = storeRules) {
  const report = await checkStore(adapter, { directory: directoryFor(adapter.name), rules })
  const named = (verdict: string) =>
    report.rules.filter((result) => result.verdict === verdict).map(({ rule }) => rule)
  return { held: named('held'), broken: named('broken'), notClaimed: named('not-claimed'), report }
}

test(
  'wal keeps every rule',
  async () => {
    // Smaller segments than by default, to see some compacted without writing them for seconds.
    const adapter = walAdapter({ segmentBytesMax: 200_000 })
    const { broken, notClaimed, held } = await verdictsOf(adapter)

    expect(broken).toEqual([])
    expect(notClaimed).toEqual(hosted.map(({ name }) => name))
    expect(held).toHaveLength(storeRules.length - notClaimed.length)
  },
  LONG_MS,
)

test(
  'wal at D3 keeps every rule; at D1 it loses what was acknowledged',
  async () => {
    const quick = storeRules.filter(({ name }) => !slow.includes(name))
    const options = { directory: directoryFor('wal-other'), rules: quick }
    const d3 = await checkStore(walAdapter(), { ...options, durability: 'D3' })
    const d1 = await checkStore(walAdapter(), { ...options, durability: 'D1' })

    expect(d3.rules.filter(({ verdict }) => verdict === 'broken')).toEqual([])
    const lost = d1.rules.find(({ rule }) => rule === 'power-cut-keeps-acknowledged')
    expect(lost?.verdict).toBe('broken')
  },
  LONG_MS,
)

test('memory keeps what can be asked of it', async () => {
  const { broken, held, report } = await verdictsOf(memoryAdapter)

  expect(broken).toEqual([])
  expect(held.length).toBeGreaterThanOrEqual(10)
  expect(report).toMatchObject({ schema: 'raftmark/store-check/1', store: 'memory' })
})

test('every rule has a wrong store; those of processes have theirs in test/wrong-stores', () => {
  const named = wrongStores.map(({ breaks }) => breaks)
  const folders = readdirSync(join(import.meta.dirname, '../../../test/wrong-stores'))

  expect([...named, ...folders].sort()).toEqual(storeRules.map(({ name }) => name).sort())
})

describe('a wrong store breaks its own rule and no other', { timeout: LONG_MS }, () => {
  test.each(wrongStores)('$breaks', async ({ breaks, adapter }) => {
    // What takes seconds is left out where it is not the point.
    const asked = storeRules.filter(({ name }) => !slow.includes(name) || name === breaks)

    const { broken, report } = await verdictsOf(adapter, asked)

    expect(broken).toEqual([breaks])
    const result = report.rules.find(({ rule }) => rule === breaks)
    expect(result?.detail).toMatch(/expected .*; saw |refused with |threw /)
  })
})

test('docs/STORES.md lists every rule with its promise', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/STORES.md'), 'utf8')
  for (const { name, promise, asks } of storeRules) {
    expect(page).toContain(`| \`${name}\` | ${promise} | ${asks} |`)
  }
})
