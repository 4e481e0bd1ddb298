import type { Scenario } from '../experiment/sim/scenario.ts'
import { runSeeds, type SeedRange, type SeedSums } from '../experiment/sim/seeds.ts'

/** What the process is asked for, and what it answers: one answer for each question. */
export type SimQuestion = {
  readonly scenario: Scenario
  readonly range: SeedRange
  readonly keepGoing: boolean
}
export type SimAnswer = { readonly range: SeedRange; readonly sums: SeedSums }

process.on('message', ({ scenario, range, keepGoing }: SimQuestion) => {
  const answer: SimAnswer = { range, sums: runSeeds(scenario, range, keepGoing) }
  process.send?.(answer)
})
// Whoever asks has gone: nobody would hear an answer.
process.on('disconnect', () => process.exit())
