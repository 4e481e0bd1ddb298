import { expect, test } from 'vitest'
import { type Prng, prngFromSeed } from '../base/prng.ts'
import type { ExperimentResult, RunValue } from '../judgement/history/experiment-record.ts'
import { comparePairs } from './compare-results.ts'

const rounds = 6
const primary = [{ workload: 'slow-sync', metric: 'responseMs.p50' }]

/** `effect` multiplies the median alone. */
function pairOf(workload: string, loop: 'open' | 'closed', prng: Prng, effect = 1, spread = 0.04) {
  const noise = () => 1 + spread * prng.ratio()
  const drifts = Array.from({ length: rounds }, () => 1 + 0.2 * prng.ratio())
  const resultOf = (subject: string, p50: number): ExperimentResult => {
    const perRun = drifts.map((drift, at): RunValue => {
      const run = { run: `${subject}${at}`, round: at + 1, rankable: true }
      return {
        ...run,
        achievedPerSecond: 1_000 * drift * noise(),
        responseMs: {
          p50: p50 * drift * noise(),
          p90: 3,
          p99: 9 * drift * noise(),
          p999: 9,
          max: 9,
        },
        cpuMicrosPerRecord: { leader: 40 * drift * noise(), followers: 60 * noise(), generator: 9 },
        syncsPerAck: 1,
        maxRatePerSecond: null,
      }
    })
    return { workload, subject, loop, perRun } as unknown as ExperimentResult
  }
  return { a: resultOf('tick', 4), b: resultOf('event', 4 * effect) }
}

const suite = (prng: Prng, effect = 1, spread = 0.04) => [
  pairOf('steady', 'open', prng, 1, spread),
  pairOf('slow-sync', 'open', prng, effect, spread),
  pairOf('capacity', 'closed', prng, 1, spread),
]

test('six rounds decide the one metric that was declared, among eleven that are shown', () => {
  const found = comparePairs(suite(prngFromSeed(1), 0.7), primary)

  const decided = found.filter(({ verdict }) => verdict === 'better')
  expect(found).toHaveLength(11)
  expect(decided).toMatchObject([
    { workload: 'slow-sync', metric: 'responseMs.p50', role: 'primary', pAdjusted: 0.03125 },
  ])
  expect(decided[0]?.familySize).toBe(1)
})

test('the same difference undeclared is one of many, and stays undecided', () => {
  const found = comparePairs(suite(prngFromSeed(1), 0.7), [
    { workload: 'steady', metric: 'responseMs.p50' },
  ])

  expect(
    found.find(({ workload, metric }) => workload === 'slow-sync' && metric.endsWith('p50')),
  ).toMatchObject({ role: 'secondary', verdict: 'undecided', familySize: 10 })
})

// With so much noise the margins protect from nothing: without the adjustment it is ten.
test('of 100 experiments of a subject against itself at most five find any difference', () => {
  const prng = prngFromSeed(20_261_122)
  const finding = Array.from({ length: 100 }, () =>
    comparePairs(suite(prng, 1, 1.5), primary),
  ).filter((comparisons) =>
    comparisons.some(({ verdict }) => verdict === 'better' || verdict === 'worse'),
  )
  expect(finding.length).toBeLessThanOrEqual(5)
})
