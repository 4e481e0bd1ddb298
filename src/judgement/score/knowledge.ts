import { assert } from '../../base/assert.ts'
import { evaluate, type Facts } from './evaluate-expression.ts'
import { type Evidence, type EvidenceSet, isStale, latestEvidence } from './evidence.ts'
import { type Expression, namesIn, type Value } from './expression.ts'
import type { Rubric } from './rubric.ts'

/** What one Raft's evidence says on one day, under one rubric. */
export type Knowledge = {
  readonly raft: string
  readonly today: string
  /** The row that counts for a claim; `undefined` when there is none or it is stale. */
  rowOf(claim: string): Evidence | undefined
  /** The latest row even if it is stale. */
  lastLookAt(claim: string): Evidence | undefined
  evaluate(expression: Expression): Value | undefined
  /** As if every measurement stood at the end of its interval. */
  evaluateAt(end: 'low' | 'high', expression: Expression): Value | undefined
  /** The claims that an expression rests on, definitions followed down. */
  claimsOf(expression: Expression): readonly string[]
}

export function createKnowledge(rubric: Rubric, set: EvidenceSet, day: string): Knowledge {
  const today = set.asOf ?? day
  const latest = latestEvidence(set.rows, today)
  const rowOf = (claim: string): Evidence | undefined => {
    const row = latest.get(claim)
    return row === undefined || isStale(row, today) ? undefined : row
  }
  const factsAt = (end: 'value' | 'low' | 'high'): Facts => {
    const facts: Facts = {
      today,
      typeOf: (name) => typeOfName(rubric, name),
      valueOf(name) {
        const definition = rubric.definitions.get(name)
        if (definition !== undefined) return evaluate(definition.expression, facts)
        const row = rowOf(name)
        return end === 'value' ? row?.value : (row?.interval?.[end] ?? row?.value)
      },
    }
    return facts
  }
  const [plain, low, high] = [factsAt('value'), factsAt('low'), factsAt('high')]
  return {
    raft: set.raft,
    today,
    rowOf,
    lastLookAt: (claim) => latest.get(claim),
    evaluate: (expression) => evaluate(expression, plain),
    evaluateAt: (end, expression) => evaluate(expression, end === 'low' ? low : high),
    claimsOf: (expression) => [...new Set(claimsUnder(rubric, expression))],
  }
}

/** The claims that an expression rests on, definitions followed down. */
export function claimsUnder(rubric: Rubric, expression: Expression): readonly string[] {
  return namesIn(expression).flatMap((name) => {
    const definition = rubric.definitions.get(name)
    return definition === undefined ? [name] : claimsUnder(rubric, definition.expression)
  })
}

function typeOfName(rubric: Rubric, name: string) {
  const type = rubric.definitions.get(name)?.type ?? rubric.claims.get(name)?.type
  assert(type !== undefined, `${name} passed the check of names and has no type`)
  return type
}
