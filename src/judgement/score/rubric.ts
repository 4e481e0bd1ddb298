import type { Placed } from './check-expression.ts'
import type { Value, ValueType } from './expression.ts'

/** What can be said of a Raft, and how it is said. */
export type Claim = {
  readonly name: string
  readonly type: ValueType
  readonly question: string
  /** How long a look at it counts. */
  readonly freshDays: number
  /** The only values that a text may have. */
  readonly values?: readonly string[]
  /** Sentence by value (`true`, `false`, `none`, …), or `any`; `{value}` stands for the value. */
  readonly says: Readonly<Record<string, string>>
  /** The command that measures it. */
  readonly measuredBy?: string
}

/** One step of an anchored scale. Scores are tenths: 60 is 6.0. */
export type Rung = { readonly tenths: number; readonly when: Placed; readonly means: string }

/** A question whose answer is a score. The rungs descend; the last resort is `otherwise`. */
export type Part = {
  readonly id: string
  readonly question: string
  /** Hundredths of a percent of its criterion; a criterion's parts sum to 10,000. */
  readonly share: number
  readonly rungs: readonly Rung[]
  readonly otherwise: { readonly tenths: number; readonly means: string }
}

export type Criterion = {
  readonly id: string
  readonly name: string
  readonly question: string
  readonly parts: readonly Part[]
}

/** A weakness that no other strength makes up for within its criterion. */
export type Cap = {
  readonly criterion: string
  readonly tenths: number
  readonly when: Placed
  readonly because: string
}

/** What must hold whatever the sum says. */
export type Gate = {
  readonly id: string
  readonly title: string
  readonly passes: Placed
  /** What is said when it does not hold. */
  readonly failing: string
}

export type Severity = 'critical' | 'major' | 'minor'

/** A pro or a con that is listed when the evidence shows it. */
export type Finding = {
  readonly id: string
  readonly side: 'pro' | 'con'
  readonly severity: Severity
  readonly when: Placed
  readonly title: string
  readonly text: string
}

/** A feature and its stars, 0–5; the rungs' scores are stars. */
export type Feature = {
  readonly id: string
  readonly section: string
  readonly title: string
  readonly rungs: readonly {
    readonly stars: number
    readonly when: Placed
    readonly means: string
  }[]
}

/** Weeks of one experienced developer. */
export type Weeks = { readonly low: number; readonly likely: number; readonly high: number }

export type Phase = {
  readonly id: string
  readonly name: string
  readonly deliverable: string
  readonly tasks: readonly string[]
  readonly weeks: Weeks
  /** What adds to the phase for this Raft. */
  readonly drivers: readonly {
    readonly when: Placed
    readonly add: Weeks
    readonly because: string
  }[]
}

export type Reconsideration = {
  readonly id: string
  readonly title: string
  readonly met: Placed
}

export type GateUse = { readonly gate: string; readonly effect: 'forbids' | 'limits' }

/** For whom a scorecard is: what weighs how much, and what may not fail. */
export type Profile = {
  readonly name: string
  readonly title: string
  readonly for: string
  /** Hundredths of a percent by criterion; they sum to 10,000. */
  readonly weights: ReadonlyMap<string, number>
  readonly gates: readonly GateUse[]
  readonly floors: readonly { readonly criterion: string; readonly tenths: number }[]
  /** Totals in tenths from which the sum says READY, and CONDITIONAL. */
  readonly readyTenths: number
  readonly conditionalTenths: number
}

/** A paragraph of the evaluation, printed when its condition holds. */
export type Paragraph = { readonly section: string; readonly when: Placed; readonly text: string }

export type Rubric = {
  readonly claims: ReadonlyMap<string, Claim>
  readonly definitions: ReadonlyMap<string, Placed & { readonly type: ValueType }>
  readonly criteria: readonly Criterion[]
  readonly caps: readonly Cap[]
  readonly gates: readonly Gate[]
  readonly findings: readonly Finding[]
  readonly features: readonly Feature[]
  readonly phases: readonly Phase[]
  readonly reconsider: readonly Reconsideration[]
  readonly paragraphs: readonly Paragraph[]
}

/** The claim that says what a person scored a criterion, instead of its parts. */
export const judgedClaimOf = (criterion: string): string => `judged.${criterion}`

/** The sentence of a claim for a value; `undefined` where the claim has none for it. */
export function sentenceOf(
  claim: Claim,
  value: Value,
  valueText = String(value),
): string | undefined {
  const sentence = claim.says[String(value)] ?? claim.says['any']
  return sentence?.replaceAll('{value}', valueText)
}
