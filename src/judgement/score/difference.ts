import type { Scorecard, ScorecardCriterion } from './scorecard.ts'

/** What changed between two scorecards of one Raft, and which evidence did it. */
export type ScorecardDifference = {
  readonly schema: 'raftmark/scorecard-diff/1'
  readonly raft: string
  readonly profile: string
  readonly from: Side
  readonly to: Side
  readonly criteria: readonly {
    readonly criterion: string
    readonly from: number | null
    readonly to: number | null
    /** Rows that are new, gone or have another value. */
    readonly evidence: readonly EvidenceChange[]
  }[]
  readonly gates: readonly { readonly gate: string; readonly from: string; readonly to: string }[]
}

type Side = {
  readonly asOf: string
  readonly total: number | null
  readonly verdict: string
  readonly coverage: number
}

export type EvidenceChange = {
  readonly claim: string
  readonly from: string | null
  readonly to: string | null
  readonly source: string
}

/** Criteria and gates that stayed as they were are left out. */
export function differenceOf(from: Scorecard, to: Scorecard): ScorecardDifference {
  const criteria = to.criteria.flatMap((after) => {
    const before = from.criteria.find((one) => one.criterion === after.criterion)
    const evidence = changesOf(before, after)
    const same = before?.score === after.score && evidence.length === 0
    if (same) return []
    return [{ criterion: after.criterion, from: before?.score ?? null, to: after.score, evidence }]
  })
  const gates = to.gates.flatMap(({ gate, outcome }) => {
    const before = from.gates.find((one) => one.gate === gate)?.outcome ?? 'absent'
    return before === outcome ? [] : [{ gate, from: before, to: outcome }]
  })
  return {
    schema: 'raftmark/scorecard-diff/1',
    raft: to.raft,
    profile: to.profile,
    from: sideOf(from),
    to: sideOf(to),
    criteria,
    gates,
  }
}

function changesOf(
  before: ScorecardCriterion | undefined,
  after: ScorecardCriterion,
): readonly EvidenceChange[] {
  const [old, now] = [valuesOf(before), valuesOf(after)]
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((claim) => {
    const [earlier, later] = [old.get(claim), now.get(claim)]
    if (earlier?.value === later?.value) return []
    const source = later?.source ?? earlier?.source ?? ''
    return [{ claim, from: earlier?.value ?? null, to: later?.value ?? null, source }]
  })
}

function valuesOf(criterion: ScorecardCriterion | undefined) {
  const rows = criterion?.parts.flatMap(({ evidence }) => evidence) ?? []
  return new Map(rows.map(({ claim, value, source }) => [claim, { value: String(value), source }]))
}

function sideOf({ asOf, total, verdict, coverage }: Scorecard): Side {
  return { asOf, total, verdict, coverage }
}
