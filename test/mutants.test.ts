import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { scenarioNames } from '../src/experiment/sim/scenario.ts'
import { bundle, mutated } from './mutants/bundle.ts'
import { type Outcome, pursue } from './mutants/pursue.ts'
import { type Change, families, usualScenarios } from './mutants/row.ts'
import { rows } from './mutants/rows.ts'
import { limits } from './mutants/verdict.ts'

const folder = mkdtempSync(join(tmpdir(), 'raftmark-mutants-'))
afterAll(() => rmSync(folder, { recursive: true }))

const mutations = rows.filter((row) => row.kind === 'mutation')

test('every row of the catalogue is there, and few are called equivalent', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 88 }, (_, at) => at + 1))
  const equivalent = rows.filter(({ kind }) => kind === 'equivalent')
  expect(equivalent.length).toBeLessThanOrEqual(limits.equivalentMax)
  for (const family of Object.keys(families)) {
    expect(
      rows.some((row) => row.family === family),
      family,
    ).toBe(true)
  }
})

// Whoever changes a rule moves its bug along, or the bug would be planted no more.
test.each(mutations)('row $number finds the source that it changes: $name', ({ changes }) => {
  expect(() => mutated(changes)).not.toThrow()
})

test('rows look in scenarios that there are', () => {
  const named = mutations.flatMap(({ scenarios }) => scenarios ?? [])
  const unknown = [...named, ...usualScenarios].filter((name) => !scenarioNames.includes(name))
  expect(unknown).toEqual([])
})

test('a snippet that is not there, or twice, is refused', () => {
  const change = { file: 'consensus/quorum.ts', find: 'nothing like it', replace: '' }
  expect(() => mutated([change])).toThrow('has 0 times, not once')
  expect(() => mutated([{ ...change, find: 'number' }])).toThrow('not once')
})

test.each([1, 4, 46])('the bug of row %s is caught by a check that it names', async (number) => {
  const row = mutations.find((one) => one.number === number)
  const { found } = await hunted(row?.changes ?? [])
  expect(row?.checks).toContain(found?.check)
})

test('the sources as they are pass the same hunt', async () => {
  expect(await hunted([])).toEqual({ runs: SEEDS * usualScenarios.length, found: undefined })
})

const SEEDS = 25

async function hunted(changes: readonly Change[]): Promise<Outcome> {
  const program = join(mkdtempSync(join(folder, 'bundle-')), 'hunt.mjs')
  await bundle(changes, program)
  return pursue(program, { scenarios: usualScenarios, seeds: SEEDS })
}
