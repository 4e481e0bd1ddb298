import type { Plan, PlannedClient } from './plan.ts'
import { simulate } from './simulate.ts'

export type Shrunk = {
  readonly plan: Plan
  /** Lives that were tried. */
  readonly tries: number
}

/**
 * Cuts a failing plan down for as long as the same check still fails: fewer faults first, then
 * fewer clients and operations, then fewer nodes. Not the smallest there is, but one from which
 * nothing can be taken in one of these steps, unless `triesMax` ended it.
 *
 * Source: the idea of Zeller & Hildebrandt's ddmin (TSE 2002), on what a plan lists.
 */
export function shrink(plan: Plan, check: string, triesMax: number): Shrunk {
  let smallest = plan
  let tries = 0
  const fails = (candidate: Plan): boolean => {
    tries += 1
    return simulate(candidate).failure?.check === check
  }
  let isSmaller = true
  while (isSmaller && tries < triesMax) {
    isSmaller = false
    for (const candidate of smallerThan(smallest)) {
      if (tries >= triesMax) break
      if (!fails(candidate)) continue
      smallest = candidate
      isSmaller = true
      break
    }
  }
  return { plan: smallest, tries }
}

/** What to try next, the largest cuts first. */
function* smallerThan(plan: Plan): Generator<Plan> {
  for (const faults of without(plan.faults)) yield { ...plan, faults }
  for (const clients of without(plan.clients)) yield { ...plan, clients }
  for (const [at, client] of plan.clients.entries()) {
    for (const smaller of smallerClients(client)) {
      yield { ...plan, clients: plan.clients.with(at, smaller) }
    }
  }
  if (plan.watchStability) yield { ...plan, watchStability: false }
  if (plan.ending === 'heal-majority') yield { ...plan, ending: 'heal-all' }
  if (plan.nodes > 3) {
    const nodes = plan.nodes - 2
    const faults = plan.faults.map((fault) => ({
      ...fault,
      node: fault.node > nodes ? 0 : fault.node,
    }))
    yield { ...plan, nodes, faults }
  }
}

/** The list without its second half, without its first, then without each single one. */
function* without<T>(list: readonly T[]): Generator<readonly T[]> {
  const half = list.length >> 1
  if (half > 0) {
    yield list.slice(0, half)
    yield list.slice(half)
  }
  for (let at = 0; at < list.length; at += 1) yield list.toSpliced(at, 1)
}

function* smallerClients(client: PlannedClient): Generator<PlannedClient> {
  if (client.kind === 'reader') {
    for (const reads of halves(client.reads)) yield { ...client, reads }
    return
  }
  for (const batches of halves(client.batches)) yield { ...client, batches }
}

function* halves<T>(list: readonly T[]): Generator<readonly T[]> {
  const half = list.length >> 1
  if (half > 0) yield list.slice(0, half)
  if (list.length > 1) yield list.slice(0, -1)
  if (list.length > 1) yield list.slice(1)
}
