import type { Place } from '../../base/errors.ts'
import type { Value } from './expression.ts'

/** `measured` by raftmark; read in a `document`; somebody's `opinion`. */
export type EvidenceKind = 'measured' | 'document' | 'opinion'

/** One thing that is known about a Raft, and how. Dates are like 2026-11-22. */
export type Evidence = {
  readonly claim: string
  readonly value: Value
  readonly kind: EvidenceKind
  /** An address, a repository with a path and commit, or the run that measured it. */
  readonly source: string
  /** When it became so, or was so. */
  readonly factDate: string
  readonly lookedAt: string
  /** The last day on which it counts. */
  readonly staleAfter: string
  /** What a reader should know beside the value; may be empty. */
  readonly note: string
  /** A measurement's 95 % interval between runs. */
  readonly interval?: { readonly low: number; readonly high: number }
  readonly place: Place
}

/** All that is known about one Raft. */
export type EvidenceSet = {
  readonly raft: string
  readonly title: string
  readonly repository: string
  /** A frozen set is judged as of this day, so that it never goes stale. */
  readonly asOf?: string
  readonly rows: readonly Evidence[]
}

export const isStale = (row: Evidence, today: string): boolean => row.staleAfter < today

/** Of each claim the row looked at last, as of `today`; later looks do not exist yet. */
export function latestEvidence(
  rows: readonly Evidence[],
  today: string,
): ReadonlyMap<string, Evidence> {
  const latest = new Map<string, Evidence>()
  for (const row of rows) {
    if (row.lookedAt > today) continue
    const earlier = latest.get(row.claim)
    if (earlier === undefined || isLater(row, earlier)) latest.set(row.claim, row)
  }
  return latest
}

function isLater(row: Evidence, than: Evidence): boolean {
  if (row.lookedAt !== than.lookedAt) return row.lookedAt > than.lookedAt
  return row.factDate > than.factDate
}
