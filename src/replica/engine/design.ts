import type { Timing, Window } from '../consensus/core.ts'

/** A point in the space of designs: every choice that the engine can take, as a value. */
export type Design = {
  readonly name: string
  /** Axis A. */
  readonly clock: ClockChoice
  /** Axis B. */
  readonly disk: DiskCoupling
  /** Axis C. */
  readonly leaderDisk: 'parallel' | 'serial'
  /** Axis D. */
  readonly window: Window
  /** Axis E. */
  readonly batching: Batching
  /** Axis F: only the first value exists. */
  readonly sharing: 'none'
  /** Axis G: one copy of the records, or another one in the partition's own log. */
  readonly layout: Layout
  readonly timing: Timing
  readonly preVote: boolean
  readonly checkQuorum: boolean
}

/** Axis G, in the order in which they are offered. */
export const layouts = ['raft-log-is-partition', 'separate-log'] as const
export type Layout = (typeof layouts)[number]

/** Axis A: when timers are looked at. */
export type ClockChoice =
  | {
      readonly kind: 'ticks'
      readonly periodNs: number
      /** `aligned`: all nodes tick at once. `random`: each at its own moment of the period. */
      readonly phase: 'aligned' | 'random'
      /** What a host does after it was busy for several periods. */
      readonly missed: 'dropped' | 'replayed'
    }
  | { readonly kind: 'timers' }

/** Axis B: what the engine takes in while effects are being written. */
export type DiskCoupling =
  /** One bundle of effects at a time; input waits until it is written, sent and applied. */
  | { readonly kind: 'lockstep' }
  /** Completions come back as inputs; votes and truncations may still be waited for. */
  | { readonly kind: 'overlap'; readonly votesAndTruncations: 'inline' | 'overlapped' }

/** Axis E: which proposals share one step of the protocol, and when effects are handled. */
export type Batching = {
  readonly rule:
    | { readonly kind: 'natural' }
    | { readonly kind: 'linger'; readonly lingerNs: number }
  /** Proposals in one take at most. */
  readonly entriesMax: number
  readonly handle: 'on-wake' | 'on-tick'
  /** Whether committed entries are applied before this node's own write of them is durable. */
  readonly apply: 'before-local-sync' | 'after-local-sync'
}
