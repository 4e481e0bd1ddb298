import { expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { planCuts, victimsOf } from './cut-plan.ts'

test('each scope comes equally often, and a seed plans the same cuts again', () => {
  const plan = planCuts(30, 3, prngFromSeed(1))

  const count = (wanted: string) => plan.filter(({ scope }) => scope === wanted).length
  expect([count('one'), count('majority'), count('all')]).toEqual([10, 10, 10])
  expect(planCuts(30, 3, prngFromSeed(1))).toEqual(plan)
  expect(planCuts(30, 3, prngFromSeed(2))).not.toEqual(plan)
})

test.each([
  [1, ['all']],
  [2, ['one', 'all']],
])('a cluster of %i knows the scopes %j', (nodes, scopes) => {
  const planned = planCuts(12, nodes, prngFromSeed(1)).map(({ scope }) => scope)

  expect([...new Set(planned)].sort()).toEqual([...scopes].sort())
})

test('as many lose power as the scope says, the leader with them when it was drawn', () => {
  const cut = { scope: 'one', afterMs: 1, leaderFirst: true, order: [4, 2, 5, 1, 3] } as const

  expect(victimsOf(cut, 5)).toEqual([5])
  expect(victimsOf(cut, undefined)).toEqual([4])
  expect(victimsOf({ ...cut, leaderFirst: false }, 5)).toEqual([4])
  expect(victimsOf({ ...cut, scope: 'majority' }, 3)).toEqual([2, 3, 4])
  expect(victimsOf({ ...cut, scope: 'all' }, 3)).toEqual([1, 2, 3, 4, 5])
})
