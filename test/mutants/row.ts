/** One row of the catalogue of bugs that real Rafts and logs have had. */
export type Row = {
  /** From 1 to 88. */
  readonly number: number
  readonly name: string
  readonly family: Family
} & (Mutation | Excused)

export const families = {
  election: 'election and persistent state',
  replication: 'replication and commit',
  reads: 'reads, high watermark, what clients are told',
  storage: 'snapshots, compaction, storage',
  membership: 'membership and transfer of leadership',
} as const

export type Family = keyof typeof families

/** The bug can be planted: these changes to our sources plant it. */
export type Mutation = {
  readonly kind: 'mutation'
  readonly changes: readonly Change[]
  /** Any of these may be the first to see it. */
  readonly checks: readonly string[]
  /** Where to look beside `usualScenarios`. */
  readonly scenarios?: readonly string[]
  /** What else had to go, since it hides the bug: a second-order mutation. */
  readonly mask?: string
}

/** It cannot be planted: in one line, why. */
export type Excused = {
  readonly kind: 'equivalent' | 'not-yet-possible'
  readonly why: string
}

export type Change = {
  /** From `src/replica/`. */
  readonly file: string
  /** Stands there exactly once, or the table is out of date. */
  readonly find: string
  readonly replace: string
}

/** Where every mutant is looked for. */
export const usualScenarios: readonly string[] = ['short', 'adversary']
