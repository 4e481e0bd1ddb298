import { expect, test } from 'vitest'
import type { ExperimentDocument } from '../judgement/history/experiment-record.ts'
import { kneeSentence, kneesOf } from './knees.ts'

const RATES = [100, 300, 1_000, 3_000, 10_000]

/** One subject whose p99 at each rate is as given, round by round. */
function ladder(rounds: readonly (readonly number[])[]) {
  const workloads = RATES.map((ratePerSecond) => ({
    ...{ name: `ladder ${ratePerSecond}`, file: 'ladder', variant: { ratePerSecond } },
    ...{ question: '', caveat: null, rounds: rounds.length },
  }))
  const results = workloads.map(({ name }, at) => ({
    ...{ workload: name, subject: 'tick', responseMs: { p99: rounds[0]?.[at] ?? null } },
    perRun: rounds.map((values, round) => ({ round, responseMs: { p99: values[at] ?? null } })),
  }))
  return { workloads, results } as unknown as ExperimentDocument
}

test('a curve that turns up has a knee, and rounds that disagree are its doubt', () => {
  const [knee] = kneesOf(
    ladder([
      [2, 2, 2, 2.1, 40],
      [2, 2, 2, 2, 30],
      [2, 6, 9, 30, 40],
    ]),
  )

  expect(knee).toMatchObject({ ratePerSecond: 3_000, perRound: [3_000, 3_000, undefined] })
  expect(knee && kneeSentence(knee)).toContain('2 of 3 rounds show one, at 3,000–3,000/s')
})

test('a curve that never turns has none, and says so', () => {
  const [knee] = kneesOf(ladder([RATES]))

  expect(knee && kneeSentence(knee)).toContain('has no knee at these rates (none of 1 rounds')
})

test('an experiment without a sweep of rates has no knee', () => {
  expect(kneesOf({ workloads: [], results: [] })).toEqual([])
})
