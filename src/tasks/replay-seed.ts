import { RaftmarkError } from '../base/errors.ts'
import { type Plan, planOf } from '../experiment/sim/plan.ts'
import { shrink } from '../experiment/sim/shrink.ts'
import { type SimOutcome, simulate } from '../experiment/sim/simulate.ts'
import type { SimFailure } from '../experiment/sim/world.ts'
import { scenarioOf } from './simulate-seeds.ts'

/** Lives that shrinking may try. */
const TRIES_MAX = 2_000

export type ReplayDocument = {
  readonly schema: 'raftmark/sim-replay/1'
  readonly seed: number
  readonly scenario: string
  readonly design: string
  readonly hash: string
  readonly events: number
  readonly virtualMs: number
  readonly failure: SimFailure | undefined
  /** What was lived: the seed's own plan, or the smallest that still fails. */
  readonly plan: Plan
  readonly trace: readonly string[]
}

export type ReplayRequest = {
  readonly seed: number
  readonly scenario: string
  readonly designs: readonly string[]
  readonly shrinks: boolean
  /** The hash that the life had when it was recorded. */
  readonly expectedHash: string | undefined
}

/** Lives one seed again and tells what happened. Throws `seed-differs` if it is another life. */
export function replaySeed(request: ReplayRequest): ReplayDocument {
  const { seed, expectedHash } = request
  const own = planOf(scenarioOf(request.scenario, request.designs), seed)
  const first = simulate(own)
  if (expectedHash !== undefined && expectedHash !== first.hash)
    throw differs(seed, first, expectedHash)
  const isShrunk = request.shrinks && first.failure !== undefined
  const plan = isShrunk ? shrink(own, first.failure?.check ?? '', TRIES_MAX).plan : own
  const trace: string[] = []
  const { hash, events, virtualNs, failure } = simulate(plan, {
    onTrace: (line) => trace.push(line),
  })
  return {
    schema: 'raftmark/sim-replay/1',
    seed,
    scenario: request.scenario,
    design: plan.design,
    hash,
    events,
    virtualMs: virtualNs / 1e6,
    failure,
    plan,
    trace,
  }
}

function differs(seed: number, { hash }: SimOutcome, expected: string): RaftmarkError {
  return new RaftmarkError(
    'seed-differs',
    `seed ${seed} does not replay: its hash is ${hash} here and was ${expected}`,
    {
      nextStep: 'Replay it with the version of raftmark, the scenario and design that recorded it.',
    },
  )
}
