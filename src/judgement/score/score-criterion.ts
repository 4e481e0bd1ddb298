import { roundedHalfUp } from './exact.ts'
import type { Expression, Value } from './expression.ts'
import type { Knowledge } from './knowledge.ts'
import { type Cap, type Criterion, judgedClaimOf, type Part, type Rubric } from './rubric.ts'

/** Scores in tenths. `score` is `undefined` where the evidence does not single out one rung. */
export type PartScore = {
  readonly part: string
  readonly question: string
  /** Hundredths of a percent of the criterion. */
  readonly share: number
  readonly score: number | undefined
  readonly low: number
  readonly high: number
  /** What the score says, in words; what is missing where there is none. */
  readonly means: string
  readonly claims: readonly string[]
}

export type CriterionScore = {
  readonly criterion: string
  readonly name: string
  /** Tenths, of the known parts; `undefined` when no part is known. */
  readonly score: number | undefined
  /** Where the score could lie if the unknown were known, and from the measurements' intervals. */
  readonly low: number
  readonly high: number
  /** Hundredths of a percent of the criterion that is known. */
  readonly known: number
  readonly parts: readonly PartScore[]
  /** Why the score is held down, if it is. */
  readonly capped: string | undefined
}

const WHOLE = 10_000

/**
 * The score of one criterion: the mean of its known parts by their shares, rounded half up to a
 * tenth once, then held down by what caps it. A person's judgement, where the evidence holds one,
 * stands instead of the parts.
 */
export function scoreCriterion(
  criterion: Criterion,
  rubric: Rubric,
  knowledge: Knowledge,
): CriterionScore {
  const parts =
    judgedParts(criterion, knowledge) ?? criterion.parts.map((part) => scorePart(part, knowledge))
  const known = parts.filter((part) => part.score !== undefined)
  const knownShare = known.reduce((sum, { share }) => sum + share, 0)
  const points = known.reduce((sum, { share, score = 0 }) => sum + share * score, 0)
  const cap = tightestCap(criterion, rubric, knowledge)
  const capTenths = cap?.tenths ?? 100
  const free = knownShare === 0 ? undefined : roundedHalfUp({ above: points, below: knownShare }, 0)
  const bound = (end: 'low' | 'high') => {
    const sum = parts.reduce((total, part) => total + part.share * part[end], 0)
    return Math.min(capTenths, roundedHalfUp({ above: sum, below: WHOLE }, 0))
  }
  return {
    criterion: criterion.id,
    name: criterion.name,
    score: free === undefined ? undefined : Math.min(capTenths, free),
    low: bound('low'),
    high: bound('high'),
    known: knownShare,
    parts,
    capped: cap !== undefined && free !== undefined && free > cap.tenths ? cap.because : undefined,
  }
}

function judgedParts(criterion: Criterion, knowledge: Knowledge): readonly PartScore[] | undefined {
  const claim = judgedClaimOf(criterion.id)
  const row = knowledge.rowOf(claim)
  if (row === undefined) return undefined
  const score = Math.round(Number(row.value) * 10)
  const means = row.note === '' ? `judged, not measured: ${row.source}` : row.note
  return [
    {
      part: 'judged',
      question: criterion.question,
      share: WHOLE,
      score,
      low: score,
      high: score,
      means,
      claims: [claim],
    },
  ]
}

function scorePart(part: Part, knowledge: Knowledge): PartScore {
  const found = climb(part, (when) => knowledge.evaluate(when))
  const ends = [
    found,
    climb(part, (when) => knowledge.evaluateAt('low', when)),
    climb(part, (when) => knowledge.evaluateAt('high', when)),
  ]
  const isKnown = found.low.tenths === found.high.tenths
  const claims = [
    ...new Set(part.rungs.flatMap((rung) => knowledge.claimsOf(rung.when.expression))),
  ]
  return {
    part: part.id,
    question: part.question,
    share: part.share,
    score: isKnown ? found.low.tenths : undefined,
    low: Math.min(...ends.map((end) => end.low.tenths)),
    high: Math.max(...ends.map((end) => end.high.tenths)),
    means: isKnown ? found.low.means : unknownBecause(claims, knowledge),
    claims,
  }
}

type Step = { readonly tenths: number; readonly means: string }

/** The highest rung that surely holds, and the highest that is not surely out of reach. */
function climb(part: Part, holds: (when: Expression) => Value | undefined) {
  let high: Step | undefined
  for (const rung of part.rungs) {
    const answer = holds(rung.when.expression)
    if (answer === true) return { low: rung as Step, high: high ?? rung }
    if (answer === undefined) high ??= rung
  }
  return { low: part.otherwise, high: high ?? part.otherwise }
}

function unknownBecause(claims: readonly string[], knowledge: Knowledge): string {
  const missing = claims.filter((claim) => knowledge.rowOf(claim) === undefined)
  const stale = missing.filter((claim) => knowledge.lastLookAt(claim) !== undefined)
  const never = missing.filter((claim) => knowledge.lastLookAt(claim) === undefined)
  return [
    never.length === 0 ? '' : `unknown: no evidence for ${never.join(', ')}`,
    stale.length === 0 ? '' : `stale: ${stale.join(', ')}`,
  ]
    .filter((text) => text !== '')
    .join('; ')
}

function tightestCap(criterion: Criterion, rubric: Rubric, knowledge: Knowledge): Cap | undefined {
  return rubric.caps
    .filter((cap) => cap.criterion === criterion.id)
    .filter((cap) => knowledge.evaluate(cap.when.expression) === true)
    .sort((one, other) => one.tenths - other.tenths)[0]
}
