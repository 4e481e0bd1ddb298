import type { Effort } from './effort.ts'
import type { EvidenceSet } from './evidence.ts'
import type { Knowledge } from './knowledge.ts'
import type { Profile, Rubric } from './rubric.ts'
import type { Scorecard } from './scorecard.ts'

/** A piece of code that shows how a Raft is joined to a host. */
export type CodeSample = {
  readonly section: string
  readonly title: string
  readonly language: string
  readonly source: string
  readonly lookedAt: string
  readonly text: string
}

/** A system that is built on a Raft. */
export type SystemUse = {
  readonly system: string
  readonly raft: string
  readonly uses: string
  readonly source: string
  readonly factDate: string
  readonly lookedAt: string
}

/** A sentence of an earlier evaluation, and what looking again has found. */
export type Correction = {
  readonly said: string
  readonly finding: string
  readonly verdict: 'right' | 'aged' | 'wrong' | 'unverified'
  readonly source: string
  readonly lookedAt: string
}

/** One Raft as an alternative to another. */
export type Candidate = {
  readonly set: EvidenceSet
  readonly knowledge: Knowledge
  readonly card: Scorecard
}

/** All that the evaluation document is written from. */
export type Evaluation = Candidate & {
  readonly rubric: Rubric
  readonly profile: Profile
  readonly effort: Effort
  readonly code: readonly CodeSample[]
  readonly systems: readonly SystemUse[]
  readonly alternatives: readonly Candidate[]
  /** The evaluation of the past that this one can be held against. */
  readonly earlier?: Candidate & {
    readonly corrections: readonly Correction[]
    readonly effort: Effort
  }
}
