import type { Durability } from '../../contract/durability.ts'
import type { CheckResult, Verdict } from './run-record.ts'

/** How many of a cluster's nodes lose power in the same moment. */
export const powerCutScopes = ['one', 'majority', 'all'] as const

export type PowerCutScope = (typeof powerCutScopes)[number]

/**
 * `filesystem-shutdown`: the file system of each node is shut down under it, then it is killed.
 * `volatile-tail`: a node keeps what is not synced in its own memory, and is killed.
 */
export type PowerCutMethod = 'filesystem-shutdown' | 'volatile-tail'

/** One cut, after which the nodes were started again and the log was read from its leader. */
export type PowerCut = {
  readonly scope: PowerCutScope
  readonly nodes: readonly number[]
  /** Batches that had been sent and not answered when the cut began. */
  readonly inFlight: number
  /** Batches acknowledged since the cut before, or since the cluster's start. */
  readonly acked: number
  /** Batches acknowledged at any time that could not be read afterwards. */
  readonly lost: number
}

/** Sums over the cuts of one scope. */
export type PowerCutSums = {
  readonly cuts: number
  readonly acked: number
  readonly lost: number
  /** Cuts after which anything was lost. */
  readonly losingCuts: number
}

/**
 * What `check power-cut --json` prints and the archive keeps: docs/schemas/power-cut.schema.json.
 */
export type PowerCutRecord = PowerCutSums & {
  readonly schema: 'raftmark/power-cut/1'
  readonly id: string
  readonly subject: string
  /** What the subject was asked to promise. */
  readonly durability: Durability
  readonly method: PowerCutMethod
  /** By which program, or why no better method was possible. */
  readonly methodDetail: string
  readonly nodes: number
  readonly seed: number
  readonly startedAt: string
  readonly durationMs: number
  /**
   * Upper end of the one-sided 95 % interval of the chance that a cut like these loses anything.
   */
  readonly lossPerCutAtMost: number
  readonly inFlight: { readonly min: number; readonly median: number; readonly max: number }
  readonly scopes: readonly (PowerCutSums & { readonly scope: PowerCutScope })[]
  /** The same subject with syncs switched off: unless it loses, the check can see nothing. */
  readonly control: PowerCutSums
  readonly checks: readonly CheckResult[]
  readonly verdict: Verdict
  /** Why the verdict is not `valid`. */
  readonly reasons: readonly string[]
}
