import { planOf } from './plan.ts'
import type { Scenario } from './scenario.ts'
import { simulate } from './simulate.ts'
import type { SimFailure } from './world.ts'

export type SeedRange = { readonly start: number; readonly end: number }

export type SeedFailure = { readonly seed: number; readonly failure: SimFailure }

/** Sums over the lives of some seeds. */
export type SeedSums = {
  readonly seeds: number
  readonly events: number
  readonly acknowledged: number
  readonly faults: number
  readonly virtualNs: number
  readonly failures: readonly SeedFailure[]
}

/** Lives every seed in `[start, end)`; stops after the first failure unless `keepGoing`. */
export function runSeeds(scenario: Scenario, range: SeedRange, keepGoing: boolean): SeedSums {
  let sums: SeedSums = nothing
  for (let seed = range.start; seed < range.end; seed += 1) {
    const { failure, events, acknowledged, faults, virtualNs } = simulate(planOf(scenario, seed))
    const failures = failure === undefined ? [] : [{ seed, failure }]
    sums = addSums(sums, { seeds: 1, events, acknowledged, faults, virtualNs, failures })
    if (failure !== undefined && !keepGoing) break
  }
  return sums
}

export const nothing: SeedSums = {
  seeds: 0,
  events: 0,
  acknowledged: 0,
  faults: 0,
  virtualNs: 0,
  failures: [],
}

export const addSums = (a: SeedSums, b: SeedSums): SeedSums => ({
  seeds: a.seeds + b.seeds,
  events: a.events + b.events,
  acknowledged: a.acknowledged + b.acknowledged,
  faults: a.faults + b.faults,
  virtualNs: a.virtualNs + b.virtualNs,
  failures: b.failures.length === 0 ? a.failures : [...a.failures, ...b.failures],
})
