import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Plan } from '../../src/experiment/sim/plan.ts'
import { planOf } from '../../src/experiment/sim/plan.ts'
import { scenarioNamed } from '../../src/experiment/sim/scenario.ts'
import { simulate } from '../../src/experiment/sim/simulate.ts'
import { rows } from '../mutants/rows.ts'
import { pastFailures } from './past-failures.ts'
import { runPlanted } from './run-planted.ts'

const keptPlan = (name: string): Plan =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'corpus', `${name}.json`), 'utf8'))

test.each(pastFailures)('stays fixed: $was', ({ name }) => {
  expect(simulate(keptPlan(name)).failure).toBeUndefined()
})

// A plan that would not show its failure any more says nothing when it passes.
test.each(pastFailures)('would be seen again: $was', async ({ name, changes, check }) => {
  const answer = await runPlanted(changes, { kind: 'replay', plan: keptPlan(name) })
  expect(answer?.outcome.failure?.check).toBe(check)
})

test('a planted failure is cut down to a small plan that fails the same check', async () => {
  const row = rows.find(({ number }) => number === 46)
  const changes = row?.kind === 'mutation' ? row.changes : []
  const check = 'lost'
  const limits = { seedsMax: 200, triesMax: 300 }

  const answer = await runPlanted(changes, { kind: 'shrink', scenario: 'short', check, ...limits })

  expect(answer?.outcome.failure?.check).toBe(check)
  const { faults = [], clients = [], seed = 0 } = answer?.plan ?? {}
  const whole = planOf(scenarioNamed('short'), seed)
  expect(faults.length).toBeLessThanOrEqual(3)
  expect(clients.length).toBeLessThan(whole.clients.length)
})
