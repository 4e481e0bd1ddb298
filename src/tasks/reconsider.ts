import { createKnowledge } from '../judgement/score/knowledge.ts'
import { sentenceOf } from '../judgement/score/rubric.ts'
import { openScorecards, type ScorecardRequest } from './open-scorecards.ts'

/** What would change the verdict about a Raft, and how far it is. */
export type ReconsiderationReport = {
  readonly schema: 'raftmark/reconsider/1'
  readonly raft: string
  readonly asOf: string
  readonly met: number
  readonly criteria: readonly {
    readonly criterion: string
    readonly title: string
    readonly outcome: 'met' | 'not met' | 'unknown'
    readonly evidence: readonly {
      readonly claim: string
      readonly sentence: string
      readonly source: string
      readonly lookedAt: string
    }[]
    /** Claims without fresh evidence. */
    readonly missing: readonly string[]
  }[]
}

export async function reconsiderRaft(
  raft: string,
  request: ScorecardRequest,
): Promise<ReconsiderationReport> {
  const { rubric, evidence, today } = await openScorecards(request)
  const knowledge = createKnowledge(rubric, await evidence.read(raft), today)
  const criteria = rubric.reconsider.map(({ id, title, met }) => {
    const answer = knowledge.evaluate(met.expression)
    const claims = knowledge.claimsOf(met.expression)
    const rows = claims.flatMap((claim) => {
      const row = knowledge.rowOf(claim)
      const known = rubric.claims.get(claim)
      if (row === undefined || known === undefined) return []
      const sentence = sentenceOf(known, row.value) ?? `${known.question} ${row.value}`
      return [{ claim, sentence, source: row.source, lookedAt: row.lookedAt }]
    })
    const outcome = answer === undefined ? 'unknown' : answer === true ? 'met' : 'not met'
    const missing = claims.filter((claim) => knowledge.rowOf(claim) === undefined)
    return { criterion: id, title, outcome, evidence: rows, missing } as const
  })
  return {
    schema: 'raftmark/reconsider/1',
    raft,
    asOf: knowledge.today,
    met: criteria.filter(({ outcome }) => outcome === 'met').length,
    criteria,
  }
}
