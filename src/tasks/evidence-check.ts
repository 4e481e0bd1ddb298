import { isStale, latestEvidence } from '../judgement/score/evidence.ts'
import { claimsUnder } from '../judgement/score/knowledge.ts'
import type { Rubric } from '../judgement/score/rubric.ts'
import { openScorecards, type ScorecardRequest } from './open-scorecards.ts'
import type { RaftEvidence } from './read-evidence.ts'

/** One thing that is wrong with the evidence, and where. */
export type EvidenceProblem = {
  readonly raft: string
  readonly claim: string
  /** `soon`: goes stale within 60 days. */
  readonly kind: 'stale' | 'soon' | 'missing' | 'contradictory'
  readonly detail: string
  readonly file?: string
  readonly line?: number
  /** The command that would measure it. */
  readonly measuredBy?: string
}

export type EvidenceReport = {
  readonly schema: 'raftmark/evidence-check/1'
  readonly asOf: string
  readonly rafts: readonly {
    readonly raft: string
    readonly rows: number
    readonly needed: number
    readonly fresh: number
  }[]
  readonly problems: readonly EvidenceProblem[]
}

const SOON_DAYS = 60

/** Looks for claims that the rubric uses and nobody has, has no longer, or has twice. */
export async function checkEvidence(
  rafts: readonly string[],
  request: ScorecardRequest,
): Promise<EvidenceReport> {
  const { rubric, evidence, today } = await openScorecards(request)
  const names = rafts.length > 0 ? rafts : await evidence.names()
  const needed = neededClaims(rubric)
  const problems: EvidenceProblem[] = []
  const summaries: EvidenceReport['rafts'][number][] = []
  for (const name of names) {
    const set = await evidence.read(name)
    const day = set.asOf ?? today
    const latest = latestEvidence(set.rows, day)
    const fresh = needed.filter((claim) => {
      const row = latest.get(claim)
      return row !== undefined && !isStale(row, day)
    })
    summaries.push({
      raft: name,
      rows: set.rows.length,
      needed: needed.length,
      fresh: fresh.length,
    })
    problems.push(
      ...contradictions(set),
      ...needed.flatMap((claim) => problemOf(claim, set, latest.get(claim), day, rubric)),
    )
  }
  return { schema: 'raftmark/evidence-check/1', asOf: today, rafts: summaries, problems }
}

/** What parts, gates, caps and reconsider criteria look at. */
function neededClaims(rubric: Rubric): readonly string[] {
  const conditions = [
    ...rubric.criteria.flatMap(({ parts }) => parts.flatMap((part) => part.rungs)),
    ...rubric.caps,
  ].map(({ when }) => when)
  const all = [
    ...conditions,
    ...rubric.gates.map(({ passes }) => passes),
    ...rubric.reconsider.map(({ met }) => met),
  ]
  return [...new Set(all.flatMap(({ expression }) => claimsUnder(rubric, expression)))].sort()
}

function problemOf(
  claim: string,
  { raft }: RaftEvidence,
  row: RaftEvidence['rows'][number] | undefined,
  day: string,
  rubric: Rubric,
): readonly EvidenceProblem[] {
  const measuredBy = rubric.claims.get(claim)?.measuredBy?.replaceAll('{raft}', raft)
  const command = measuredBy === undefined ? {} : { measuredBy }
  if (row === undefined) {
    const detail = rubric.claims.get(claim)?.question ?? ''
    return [{ raft, claim, kind: 'missing', detail, ...command }]
  }
  const place = placeOf(row)
  if (isStale(row, day)) {
    const detail = `looked at on ${row.lookedAt}, stale since ${row.staleAfter}`
    return [{ raft, claim, kind: 'stale', detail, ...place, ...command }]
  }
  const soon = new Date(Date.parse(day) + SOON_DAYS * 86_400_000).toISOString().slice(0, 10)
  if (row.staleAfter >= soon) return []
  return [
    { raft, claim, kind: 'soon', detail: `stale after ${row.staleAfter}`, ...place, ...command },
  ]
}

/** Two rows that look on the same day at the same day and see different things. */
function contradictions({ raft, rows }: RaftEvidence): readonly EvidenceProblem[] {
  return rows.flatMap((row, at) => {
    const other = rows
      .slice(0, at)
      .find(
        (one) =>
          one.claim === row.claim &&
          one.lookedAt === row.lookedAt &&
          one.factDate === row.factDate &&
          one.value !== row.value,
      )
    if (other === undefined) return []
    const said = (one: typeof row) => `${JSON.stringify(one.value)} (${one.source})`
    const detail = `${said(other)} and ${said(row)}`
    return [{ raft, claim: row.claim, kind: 'contradictory' as const, detail, ...placeOf(row) }]
  })
}

function placeOf({ place }: RaftEvidence['rows'][number]) {
  const { file, line } = place
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) }
}
