import { RaftmarkError } from '../base/errors.ts'
import type { Evidence } from '../judgement/score/evidence.ts'
import { createKnowledge } from '../judgement/score/knowledge.ts'
import { sentenceOf } from '../judgement/score/rubric.ts'
import { makeScorecard, type ScorecardPart } from '../judgement/score/scorecard.ts'
import { didYouMean } from './nearest-name.ts'
import { openScorecards, type ScorecardRequest } from './open-scorecards.ts'

/** From the total down to the source of each row of evidence. */
export type Explanation = {
  readonly schema: 'raftmark/explanation/1'
  readonly raft: string
  readonly profile: string
  readonly asOf: string
  readonly total: number | null
  readonly verdict: string
  readonly reasons: readonly string[]
  readonly criteria: readonly ExplainedCriterion[]
}

export type ExplainedCriterion = {
  readonly criterion: string
  readonly question: string
  readonly weight: number
  readonly score: number | null
  /** What it adds to the total: weight × score, of the known weight. */
  readonly points: number | null
  readonly capped: string | null
  readonly parts: readonly (Omit<ScorecardPart, 'evidence'> & {
    readonly evidence: readonly ExplainedEvidence[]
  })[]
}

export type ExplainedEvidence = {
  readonly claim: string
  readonly state: 'fresh' | 'stale' | 'missing'
  /** What the evidence says, as a sentence; what is asked where there is none. */
  readonly sentence: string
  readonly kind?: string
  readonly source?: string
  readonly factDate?: string
  readonly lookedAt?: string
  readonly staleAfter?: string
  readonly note?: string
  /** The command that would measure it. */
  readonly measuredBy?: string
}

/** Explains all criteria, or the one that is named. */
export async function explainRaft(
  raft: string,
  criterion: string | undefined,
  request: ScorecardRequest,
): Promise<Explanation> {
  const { rubric, profile, evidence, today } = await openScorecards(request)
  const ids = rubric.criteria.map(({ id }) => id)
  if (criterion !== undefined && !ids.includes(criterion)) {
    throw new RaftmarkError('flag-invalid', `there is no criterion ${criterion}`, {
      nextStep: didYouMean(criterion, ids),
    })
  }
  const set = await evidence.read(raft)
  const knowledge = createKnowledge(rubric, set, today)
  const card = makeScorecard(rubric, profile, set, today)
  const evidenceOf = (claim: string): ExplainedEvidence => {
    const known = rubric.claims.get(claim)
    const row = knowledge.lastLookAt(claim)
    const measuredBy = known?.measuredBy?.replaceAll('{raft}', raft)
    const command = measuredBy === undefined ? {} : { measuredBy }
    const question = known?.question ?? claim
    if (row === undefined) return { claim, state: 'missing', sentence: question, ...command }
    const state = knowledge.rowOf(claim) === undefined ? 'stale' : 'fresh'
    const sentence = (known && sentenceOf(known, row.value)) ?? `${question} ${row.value}`
    return { claim, state, sentence, ...datesOf(row), ...command }
  }
  const knownWeight = card.criteria.reduce((sum, one) => sum + one.weight * one.coverage, 0)
  const explained = card.criteria.map((one): ExplainedCriterion => {
    const rule = rubric.criteria.find(({ id }) => id === one.criterion)
    const claimsByPart = new Map(
      rule?.parts.map((part) => [
        part.id,
        [...new Set(part.rungs.flatMap((rung) => knowledge.claimsOf(rung.when.expression)))],
      ]),
    )
    const points =
      one.score === null || knownWeight === 0
        ? null
        : Math.round(((one.weight * one.coverage * one.score) / knownWeight) * 100) / 100
    return {
      criterion: one.criterion,
      question: rule?.question ?? '',
      weight: one.weight,
      score: one.score,
      points,
      capped: one.capped,
      parts: one.parts.map(({ evidence: notes, ...part }) => ({
        ...part,
        evidence: (claimsByPart.get(part.part) ?? notes.map(({ claim }) => claim)).map(evidenceOf),
      })),
    }
  })
  return {
    schema: 'raftmark/explanation/1',
    raft,
    profile: profile.name,
    asOf: card.asOf,
    total: card.total,
    verdict: card.verdict,
    reasons: card.reasons,
    criteria: explained.filter((one) => criterion === undefined || one.criterion === criterion),
  }
}

function datesOf({ kind, source, factDate, lookedAt, staleAfter, note }: Evidence) {
  return { kind, source, factDate, lookedAt, staleAfter, note }
}
