import type { EvidenceSet } from './evidence.ts'
import { type Fraction, roundedHalfUp, textHalfUp } from './exact.ts'
import { type GateResult, judge, judgeGates, type ReadinessVerdict, type Sums } from './judge.ts'
import { createKnowledge, type Knowledge } from './knowledge.ts'
import type { Profile, Rubric } from './rubric.ts'
import { type CriterionScore, type PartScore, scoreCriterion } from './score-criterion.ts'
import {
  flipScore,
  flipWeight,
  type Robustness,
  robustness,
  robustnessWord,
  tornado,
  type Weighted,
} from './sensitivity.ts'

/** How ready one Raft is for one profile: described by docs/schemas/scorecard.schema.json. */
export type Scorecard = {
  readonly schema: 'raftmark/scorecard/1'
  readonly raft: string
  readonly profile: string
  /** The day of judgement. */
  readonly asOf: string
  /** Points of 0–10 over the known weight, to two digits; `null` when nothing is known. */
  readonly total: number | null
  /** The same exact sum, rounded half up to one digit. */
  readonly totalText: string
  /** Where the total could lie if all were known, measurements at the ends of their intervals. */
  readonly low: number
  readonly high: number
  readonly verdict: ReadinessVerdict
  readonly boundBy: string
  readonly reasons: readonly string[]
  /** The share of the weight that is known. Totals of different coverage are not ranked. */
  readonly coverage: number
  readonly criteria: readonly ScorecardCriterion[]
  readonly gates: readonly GateResult[]
  readonly best: Extreme | null
  readonly worst: Extreme | null
  readonly sensitivity: Sensitivity | null
}

export type ScorecardCriterion = {
  readonly criterion: string
  readonly name: string
  /** Percent. */
  readonly weight: number
  readonly score: number | null
  readonly low: number
  readonly high: number
  readonly coverage: number
  readonly capped: string | null
  readonly parts: readonly ScorecardPart[]
}

export type ScorecardPart = {
  readonly part: string
  readonly question: string
  /** Percent of its criterion. */
  readonly share: number
  readonly score: number | null
  readonly low: number
  readonly high: number
  readonly means: string
  readonly evidence: readonly EvidenceNote[]
}

/** What a cell rests on, short. */
export type EvidenceNote = {
  readonly claim: string
  readonly value: boolean | number | string
  readonly kind: string
  readonly source: string
  readonly factDate: string
  readonly lookedAt: string
  readonly staleAfter: string
}

export type Extreme = {
  readonly criterion: string
  readonly score: number
  readonly reason: string
}

export type Sensitivity = {
  readonly word: 'robust' | 'moderate' | 'fragile'
  readonly robustness: readonly Robustness[]
  /** How the next better band could be reached by one weight or one score alone. */
  readonly threshold: number
  readonly flips: readonly {
    readonly criterion: string
    /** Percent. */
    readonly weight: number | null
    readonly score: number | null
  }[]
  readonly tornado: readonly {
    readonly criterion: string
    readonly low: number
    readonly high: number
  }[]
}

const SENSITIVITY_SEED = 20_251_016

/** Builds the scorecard of a Raft. Deterministic: the same inputs give the same document. */
export function makeScorecard(
  rubric: Rubric,
  profile: Profile,
  set: EvidenceSet,
  today: string,
): Scorecard {
  const knowledge = createKnowledge(rubric, set, today)
  const criteria = rubric.criteria.map((one) => scoreCriterion(one, rubric, knowledge))
  const sums = sumUp(profile, criteria)
  const gates = judgeGates(rubric, profile, knowledge)
  const { verdict, boundBy, reasons } = judge(profile, gates, criteria, sums)
  return {
    schema: 'raftmark/scorecard/1',
    raft: set.raft,
    profile: profile.name,
    asOf: knowledge.today,
    total: sums.total === undefined ? null : roundedHalfUp(sums.total, 2),
    totalText: sums.total === undefined ? 'n/a' : textHalfUp(sums.total, 1),
    low: roundedHalfUp(sums.low, 2),
    high: roundedHalfUp(sums.high, 2),
    verdict,
    boundBy,
    reasons,
    coverage: sums.coverage,
    criteria: criteria.map((one) => criterionView(one, profile, knowledge)),
    gates,
    best: extremeOf(criteria, profile, 'best'),
    worst: extremeOf(criteria, profile, 'worst'),
    sensitivity: sensitivityOf(profile, criteria),
  }
}

/** Weights and scores for the sensitivity of a sum: what is unknown has no weight in it. */
function weightedCells(profile: Profile, criteria: readonly CriterionScore[]): readonly Weighted[] {
  const known = criteria.filter((one) => one.score !== undefined && weightOf(profile, one) > 0)
  const knownWeight = (one: CriterionScore) => weightOf(profile, one) * one.known
  const all = known.reduce((sum, one) => sum + knownWeight(one), 0)
  return known.map((one) => ({
    criterion: one.criterion,
    weight: knownWeight(one) / all,
    score: (one.score ?? 0) / 10,
    low: Math.min(one.low, one.score ?? 0) / 10,
    high: Math.max(one.high, one.score ?? 0) / 10,
  }))
}

/** Of a finished scorecard. */
export function cellsOf(card: Scorecard): readonly Weighted[] {
  const known = card.criteria.filter(({ score }) => score !== null)
  const all = known.reduce((sum, { weight, coverage }) => sum + weight * coverage, 0)
  return known.map(({ criterion, weight, coverage, score, low, high }) => ({
    criterion,
    weight: (weight * coverage) / all,
    score: score ?? 0,
    low,
    high,
  }))
}

function sumUp(profile: Profile, criteria: readonly CriterionScore[]): Sums {
  const known = criteria.filter(({ score }) => score !== undefined)
  const weightTimes = (of: (one: CriterionScore) => number) =>
    known.reduce((sum, one) => sum + weightOf(profile, one) * of(one), 0)
  const knownWeight = weightTimes((one) => one.known)
  const bound = (end: 'low' | 'high'): Fraction => ({
    above: criteria.reduce((sum, one) => sum + weightOf(profile, one) * one[end], 0),
    below: 100_000,
  })
  const total =
    knownWeight === 0
      ? undefined
      : { above: weightTimes((one) => one.known * (one.score ?? 0)), below: 10 * knownWeight }
  return { total, low: bound('low'), high: bound('high'), coverage: knownWeight / 1e8 }
}

function weightOf(profile: Profile, { criterion }: CriterionScore): number {
  return profile.weights.get(criterion) ?? 0
}

function criterionView(
  one: CriterionScore,
  profile: Profile,
  knowledge: Knowledge,
): ScorecardCriterion {
  return {
    criterion: one.criterion,
    name: one.name,
    weight: weightOf(profile, one) / 100,
    score: one.score === undefined ? null : one.score / 10,
    low: one.low / 10,
    high: one.high / 10,
    coverage: one.known / 10_000,
    capped: one.capped ?? null,
    parts: one.parts.map((part) => partView(part, knowledge)),
  }
}

function partView(part: PartScore, knowledge: Knowledge): ScorecardPart {
  return {
    part: part.part,
    question: part.question,
    share: part.share / 100,
    score: part.score === undefined ? null : part.score / 10,
    low: part.low / 10,
    high: part.high / 10,
    means: part.means,
    evidence: part.claims.flatMap((claim) => evidenceNote(claim, knowledge)),
  }
}

function evidenceNote(claim: string, knowledge: Knowledge): readonly EvidenceNote[] {
  const row = knowledge.rowOf(claim)
  if (row === undefined) return []
  const { value, kind, source, factDate, lookedAt, staleAfter } = row
  return [{ claim, value, kind, source, factDate, lookedAt, staleAfter }]
}

function extremeOf(
  criteria: readonly CriterionScore[],
  profile: Profile,
  side: 'best' | 'worst',
): Extreme | null {
  const sign = side === 'best' ? -1 : 1
  const [first] = criteria
    .filter((one) => one.score !== undefined && weightOf(profile, one) > 0)
    .sort(
      (a, b) =>
        sign * ((a.score ?? 0) - (b.score ?? 0)) || weightOf(profile, b) - weightOf(profile, a),
    )
  if (first === undefined) return null
  const [part] = first.parts
    .filter(({ score }) => score !== undefined)
    .sort((a, b) => sign * ((a.score ?? 0) - (b.score ?? 0)) || b.share - a.share)
  const reason = first.capped ?? part?.means ?? ''
  return { criterion: first.criterion, score: (first.score ?? 0) / 10, reason }
}

function sensitivityOf(profile: Profile, criteria: readonly CriterionScore[]): Sensitivity | null {
  const cells = weightedCells(profile, criteria)
  if (cells.length < 2) return null
  const edges = [profile.conditionalTenths / 10, profile.readyTenths / 10]
  const sum = cells.reduce((all, { weight, score }) => all + weight * score, 0)
  const threshold = edges.find((edge) => edge > sum) ?? (edges[1] as number)
  const draws = robustness(cells, edges, { seed: SENSITIVITY_SEED })
  const unsure = draws.find(({ opinion }) => opinion === 'unsure') as Robustness
  const two = (value: number | undefined, factor = 1) =>
    value === undefined ? null : Math.round(value * factor * 100) / 100
  return {
    word: robustnessWord(unsure),
    robustness: draws.map(({ opinion, keeps, low, high }) => ({
      opinion,
      keeps: Math.round(keeps * 1_000) / 1_000,
      low: two(low) ?? 0,
      high: two(high) ?? 0,
    })),
    threshold,
    flips: cells.map(({ criterion }) => ({
      criterion,
      weight: two(flipWeight(cells, criterion, threshold), 100),
      score: two(flipScore(cells, criterion, threshold)),
    })),
    tornado: tornado(cells).map(({ criterion, low, high }) => ({
      criterion,
      low: two(low) ?? 0,
      high: two(high) ?? 0,
    })),
  }
}
