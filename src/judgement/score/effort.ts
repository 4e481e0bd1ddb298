import { prngFromSeed } from '../../base/prng.ts'
import { ascending, quantileOf } from '../stats/quantile.ts'
import { drawTriangular } from './dirichlet.ts'
import type { Knowledge } from './knowledge.ts'
import type { Rubric, Weeks } from './rubric.ts'

export type PhaseEffort = {
  readonly phase: string
  readonly name: string
  readonly deliverable: string
  readonly tasks: readonly string[]
  readonly weeks: Weeks
  /** What made it longer, or whose estimate it is. */
  readonly because: readonly string[]
  readonly claims: readonly string[]
}

export type Effort = {
  readonly phases: readonly PhaseEffort[]
  readonly sum: Weeks
  /** Half, and four of five, of the draws of the whole stay below. */
  readonly p50: number
  readonly p80: number
  /** What the author of the estimate says of the whole, where the evidence holds one. */
  readonly authorRange: string | undefined
}

const DRAWS = 10_000
const SEED = 20_251_016

/**
 * Weeks of one experienced developer by phase. An estimate in the evidence stands as it was given;
 * otherwise the rubric's base and what adds to it for this Raft.
 *
 * Doubt: the base is a judgement; only the differences between Rafts come from evidence. The 80 %
 * of the whole is drawn, because the sum of the phases' 80 % would be too pessimistic.
 */
export function estimateEffort(rubric: Rubric, knowledge: Knowledge): Effort {
  const phases = rubric.phases.map((phase): PhaseEffort => {
    const { id, name, deliverable, tasks } = phase
    const base = { phase: id, name, deliverable, tasks }
    const given = knowledge.rowOf(`effort.${id}`)
    if (given !== undefined) {
      const week = Number(given.value)
      const weeks = { low: week, likely: week, high: week }
      return { ...base, weeks, because: [`estimated in ${given.source}`], claims: [given.claim] }
    }
    const drivers = phase.drivers.filter(({ when }) => knowledge.evaluate(when.expression) === true)
    return {
      ...base,
      weeks: drivers.reduce((sum, { add }) => plus(sum, add), phase.weeks),
      because: drivers.map(({ because }) => because),
      claims: drivers.flatMap(({ when }) => knowledge.claimsOf(when.expression)),
    }
  })
  const prng = prngFromSeed(SEED)
  const draws = ascending(
    Array.from({ length: DRAWS }, () =>
      phases.reduce(
        (sum, { weeks: { low, likely, high } }) => sum + drawTriangular(low, likely, high, prng),
        0,
      ),
    ),
  )
  const range = knowledge.rowOf('effort.authorRange')?.value
  return {
    phases,
    sum: phases.reduce((sum, { weeks }) => plus(sum, weeks), { low: 0, likely: 0, high: 0 }),
    p50: quantileOf(draws, 0.5),
    p80: quantileOf(draws, 0.8),
    authorRange: range === undefined ? undefined : String(range),
  }
}

function plus(one: Weeks, other: Weeks): Weeks {
  return {
    low: one.low + other.low,
    likely: one.likely + other.likely,
    high: one.high + other.high,
  }
}
