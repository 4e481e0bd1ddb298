import type { Prng } from '../../base/prng.ts'
import { type PowerCutScope, powerCutScopes } from '../../judgement/history/power-cut-record.ts'

/** One cut as the seed decides it; who leads is known only when it comes. */
export type PlannedCut = {
  readonly scope: PowerCutScope
  /** From the first answer after the cut before. */
  readonly afterMs: number
  /** Whether the leader is among the first to lose power. */
  readonly leaderFirst: boolean
  /** All nodes, in the order in which they are taken. */
  readonly order: readonly number[]
}

const AFTER_MS_MIN = 50
const AFTER_MS_MAX = 400

/** So many cuts, each scope equally often, in random order and at random moments. */
export function planCuts(cuts: number, nodes: number, prng: Prng): readonly PlannedCut[] {
  const scopes = Array.from({ length: cuts }, (_, at) => scopeOf(at, nodes))
  return shuffled(scopes, prng).map((scope) => ({
    scope,
    afterMs: AFTER_MS_MIN + prng.below(AFTER_MS_MAX - AFTER_MS_MIN),
    leaderFirst: prng.below(2) === 0,
    order: shuffled(nodesOf(nodes), prng),
  }))
}

/** The hardest cut of all: what a control must not survive. */
export const cutOfAll = (nodes: number, prng: Prng): PlannedCut => ({
  scope: 'all',
  afterMs: AFTER_MS_MIN + prng.below(AFTER_MS_MAX - AFTER_MS_MIN),
  leaderFirst: false,
  order: nodesOf(nodes),
})

/** Whom a planned cut takes, now that somebody leads. */
export function victimsOf(cut: PlannedCut, leader: number | undefined): readonly number[] {
  const isFirst = (node: number): boolean => cut.leaderFirst && node === leader
  const order = [...cut.order.filter(isFirst), ...cut.order.filter((node) => !isFirst(node))]
  return order.slice(0, sizeOf(cut.scope, order.length)).sort((a, b) => a - b)
}

function sizeOf(scope: PowerCutScope, nodes: number): number {
  if (scope === 'one') return 1
  return scope === 'all' ? nodes : Math.floor(nodes / 2) + 1
}

/** A cluster of one or two has no majority that is neither one node nor all. */
function scopeOf(at: number, nodes: number): PowerCutScope {
  if (nodes === 1) return 'all'
  const scopes =
    nodes === 2 ? powerCutScopes.filter((scope) => scope !== 'majority') : powerCutScopes
  return scopes[at % scopes.length] ?? 'all'
}

const nodesOf = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, at) => at + 1)

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], prng: Prng): readonly T[] {
  const mixed = [...items]
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = prng.below(at + 1)
    ;[mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T]
  }
  return mixed
}
