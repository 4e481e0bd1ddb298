import { expect, test } from 'vitest'
import { type Prng, prngFromSeed } from '../base/prng.ts'
import type { ExperimentResult, RunValue } from '../judgement/history/experiment-record.ts'
import { ablationOf } from './ablation-effects.ts'
import { concludeAblation } from './conclude-ablation.ts'
import { planAblation } from './plan-ablation.ts'
import { readAdapters } from './read-adapters.ts'

const { rafts } = await readAdapters([])
const plan = (from: string, to: string, factorial = false) =>
  planAblation({ from, to, store: 'memory' }, factorial, rafts)
const primary = [{ workload: 'slow-sync', metric: 'responseMs.p50' }]

/** Ten rounds in which the p50 of a point is what `p50Of` says, with drift and noise. */
function resultsOf(
  { points }: ReturnType<typeof plan>,
  p50Of: (axes: readonly string[]) => number,
  prng: Prng,
): readonly ExperimentResult[] {
  const drifts = Array.from({ length: 10 }, () => 1 + 0.2 * prng.ratio())
  return points.map(({ subject, axes }) => {
    const perRun = drifts.map((drift, at): RunValue => {
      const p50 = p50Of(axes) * drift * (1 + 0.02 * prng.ratio())
      return {
        run: `${subject}.${at}`,
        round: at + 1,
        rankable: true,
        achievedPerSecond: 1_000,
        responseMs: { p50, p90: null, p99: null, p999: null, max: null },
        cpuMicrosPerRecord: { leader: null, followers: null, generator: null },
        syncsPerAck: null,
        maxRatePerSecond: null,
      }
    })
    return { workload: 'slow-sync', subject, loop: 'open', perRun } as unknown as ExperimentResult
  })
}

const p50In = (metrics: readonly { readonly metric: string }[]) =>
  metrics.find(({ metric }) => metric === 'responseMs.p50')

test('between tick and event lie two points, each with one choice of the other', () => {
  expect(plan('tick', 'event').points).toEqual([
    { subject: 'tick/memory', axes: [] },
    { subject: 'tick/memory@a.event', axes: ['A'] },
    { subject: 'tick/memory@b.event', axes: ['B'] },
    { subject: 'event/memory', axes: ['A', 'B'] },
  ])
})

test('of four choices both ends need ten points, and all combinations sixteen', () => {
  expect(plan('tick', 'like-openraft-0.9').points).toHaveLength(10)
  expect(plan('tick', 'like-openraft-0.9', true).points).toHaveLength(16)
})

test('a combination that no engine can be is named and not run', () => {
  const { points, impossible } = plan('event', 'tick-polled')

  expect(impossible).toMatchObject([{ axes: ['E'] }, { axes: ['B', 'E'] }])
  expect(points.map(({ subject }) => subject)).not.toContain('event/memory@e.tick-polled')
})

test.each([
  ['evnt', 'event', 'no raft is called'],
  ['null', 'event', 'is no design of this engine'],
  ['tick', 'tick', 'are one design'],
  ['tick/memory', 'event/wal', 'differ in their store'],
  ['tick@a.event', 'event', 'is tuned'],
])('from %s to %s is refused: %s', (from, to, reason) => {
  expect(() => plan(from, to)).toThrowError(reason)
})

test('what each choice buys is found at both ends, and that they do not interact', () => {
  const planned = plan('tick', 'event')
  const p50Of = (axes: readonly string[]) => (axes.includes('B') ? 7 : 10)

  const found = ablationOf(planned, resultsOf(planned, p50Of, prngFromSeed(4)), primary)

  const seen = found.steps.map((step) => [step.axis, step.end, p50In(step.metrics)])
  expect(seen).toMatchObject([
    ['A', 'from', { verdict: 'equivalent', a: 'tick/memory', b: 'tick/memory@a.event' }],
    ['A', 'to', { verdict: 'equivalent' }],
    ['B', 'from', { verdict: 'better', role: 'primary', familySize: 4 }],
    ['B', 'to', { verdict: 'better', a: 'tick/memory@a.event', b: 'event/memory' }],
  ])
  expect(found.interactions).toMatchObject([{ axes: ['A', 'B'] }])
  expect(p50In(found.interactions[0]?.metrics ?? [])).toMatchObject({ verdict: 'equivalent' })
  expect(p50In(found.total)).toMatchObject({ verdict: 'better' })
  expect(concludeAblation(found).join()).toContain('This speaks of this engine.')
})

test('a choice that buys only together with another one shows as an interaction', () => {
  const planned = plan('tick', 'event')
  const p50Of = (axes: readonly string[]) => (axes.length === 2 ? 5 : 10)

  const found = ablationOf(planned, resultsOf(planned, p50Of, prngFromSeed(5)), primary)

  const interaction = found.interactions[0]?.metrics.find(({ role }) => role === 'primary')
  expect(interaction).toMatchObject({ verdict: 'better', rounds: 10 })
  expect(interaction?.estimate).toBeCloseTo(0.5, 1)
})

test('a factorial averages over the other choices', () => {
  const planned = plan('tick', 'like-hashicorp', true)
  const letters = planned.axes.map(({ axis }) => axis)
  const p50Of = (axes: readonly string[]) => 10 * (axes.includes('C') ? 2 : 1)

  const found = ablationOf(planned, resultsOf(planned, p50Of, prngFromSeed(6)), primary)

  const estimates = found.steps.map(({ axis, metrics }) => [
    axis,
    metrics.find(({ role }) => role === 'primary')?.estimate?.toFixed(1),
  ])
  expect(letters).toEqual(['A', 'C', 'D', 'E'])
  expect(Object.fromEntries(estimates)).toEqual({ A: '1.0', C: '2.0', D: '1.0', E: '1.0' })
  expect(found.interactions).toHaveLength(6)
})

test('a round that a point did not carry is left out whole', () => {
  const planned = plan('tick', 'event')
  const [first, ...others] = resultsOf(planned, () => 10, prngFromSeed(7))
  if (first === undefined) throw new Error('no result')
  const lame = { ...first, perRun: first.perRun.slice(2) }

  const found = ablationOf(planned, [lame, ...others], primary)

  const rounds = found.steps.map(({ end, metrics }) => [end, p50In(metrics)])
  expect(rounds).toMatchObject([
    ['from', { rounds: 8, roundsDropped: 2 }],
    ['to', { rounds: 10 }],
    ['from', { rounds: 8 }],
    ['to', { rounds: 10 }],
  ])
})
