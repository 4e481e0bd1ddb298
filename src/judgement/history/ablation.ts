import type { MetricComparison } from './metric-comparison.ts'

/** What an ablation walks through, decided before its first run: part of the plan. */
export type PlannedAblation = {
  /** Subjects in full. */
  readonly from: string
  readonly to: string
  /** Every combination of the choices, or one at a time from both ends. */
  readonly factorial: boolean
  /** The choices that the two designs take differently. */
  readonly axes: readonly AblationAxis[]
  /** What runs: `from`, `to` and what lies between. `axes` are those that are as in `to`. */
  readonly points: readonly { readonly subject: string; readonly axes: readonly string[] }[]
  /** Combinations that no engine can be, and why. */
  readonly impossible: readonly { readonly axes: readonly string[]; readonly reason: string }[]
}

export type AblationAxis = {
  /** A letter of the design space. */
  readonly axis: string
  readonly name: string
  readonly from: string
  readonly to: string
}

/** What one choice buys, `to`'s value against `from`'s, with the other choices as `end` says. */
export type AblationStep = AblationAxis & {
  /** The others are as in `from`, as in `to`, or averaged over all their combinations. */
  readonly end: 'from' | 'to' | 'all'
  /** `a` is the point before the step, `b` the one after it. */
  readonly metrics: readonly MetricComparison[]
}

/**
 * By how much one choice changes what another one (or all the others together) buys: a ratio of
 * ratios. 1 is: each buys the same, whatever the other is.
 */
export type AblationInteraction = {
  /** Two letters, or one and `rest`. */
  readonly axes: readonly [string, string]
  readonly metrics: readonly MetricComparison[]
}

/** What each choice buys, computed from the rounds of the experiment. */
export type Ablation = Pick<
  PlannedAblation,
  'from' | 'to' | 'factorial' | 'points' | 'impossible'
> & {
  readonly steps: readonly AblationStep[]
  readonly interactions: readonly AblationInteraction[]
  /** `to` against `from`, all choices at once. */
  readonly total: readonly MetricComparison[]
}

/** What `ablate --json` prints: described by docs/schemas/ablation.schema.json. */
export type AblationDocument = Ablation & {
  readonly schema: 'raftmark/ablation/1'
  /** Whose rounds they are: `raftmark report EXPERIMENT` has all else. */
  readonly experiment: string
  readonly command: string
  readonly conclusions: readonly string[]
}
