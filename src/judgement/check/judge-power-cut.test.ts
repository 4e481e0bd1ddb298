import { expect, test } from 'vitest'
import type { PowerCut } from '../history/power-cut-record.ts'
import { judgePowerCuts, type PowerCutLife } from './judge-power-cut.ts'

const cut = (change: Partial<PowerCut> = {}): PowerCut => ({
  scope: 'all',
  nodes: [1, 2, 3],
  inFlight: 8,
  acked: 100,
  lost: 0,
  ...change,
})

const life = (change: Partial<PowerCutLife> = {}): PowerCutLife => ({
  cuts: [cut(), cut({ scope: 'one', nodes: [2], inFlight: 3 })],
  checks: [{ check: 'lost', verdict: 'valid', explanation: '' }],
  broken: [],
  undecided: [],
  ...change,
})

const losing = life({ cuts: [cut({ lost: 40 })] })

test('nothing lost while the control loses is valid', () => {
  const judged = judgePowerCuts([life(), life()], [losing], 4)

  expect(judged).toMatchObject({ verdict: 'valid', cuts: 4, acked: 400, lost: 0, reasons: [] })
  expect(judged.control).toEqual({ cuts: 1, acked: 100, lost: 40, losingCuts: 1 })
  expect(judged.inFlight).toEqual({ min: 3, median: 3, max: 8 })
  expect(judged.scopes.map(({ scope, cuts }) => [scope, cuts])).toEqual([
    ['one', 2],
    ['majority', 0],
    ['all', 2],
  ])
})

test('one lost batch is invalid, whatever the control did', () => {
  const judged = judgePowerCuts([life({ cuts: [cut({ lost: 1 }), cut()] })], [], 2)

  expect(judged.verdict).toBe('invalid')
  expect(judged.reasons[0]).toBe('1 of 200 acknowledged batches were lost, in 1 cuts')
})

test.each([
  ['a node that did not come back', { broken: ['node 2 ended'] }],
  ['a check that failed', { checks: [wrong('duplicate')] }],
])('%s is invalid', (_, change) => {
  expect(judgePowerCuts([life(change)], [losing], 2).verdict).toBe('invalid')
})

test.each([
  ['a control that loses nothing', [life()], [life()], 2],
  ['no control', [life()], [], 2],
  ['fewer cuts than were asked for', [life()], [losing], 3],
  ['a cut with nothing in flight', [life({ cuts: [cut({ inFlight: 0 })] })], [losing], 1],
  ['a log that could not be read', [life({ undecided: ['no leader'] })], [losing], 2],
] as const)('%s is unknown', (_, lives, controls, asked) => {
  const judged = judgePowerCuts(lives, controls, asked)

  expect(judged.verdict).toBe('unknown')
  expect(judged.reasons).toHaveLength(1)
})

test('of each check the worst of all lives counts', () => {
  const judged = judgePowerCuts([life(), life({ checks: [wrong('lost')] }), life()], [losing], 6)

  expect(judged.checks).toEqual([wrong('lost')])
})

function wrong(check: string) {
  return { check, verdict: 'invalid', explanation: 'seen twice' } as const
}
