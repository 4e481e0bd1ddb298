import type { Prng } from '../../base/prng.ts'
import type { Design } from '../../replica/engine/design.ts'

/** The choices of a design that a seed may make anew. */
export type Axes = Partial<
  Pick<Design, 'clock' | 'disk' | 'leaderDisk' | 'batching' | 'preVote' | 'checkQuorum' | 'layout'>
>

const MS = 1_000_000

const ticks = (
  periodMs: number,
  phase: 'aligned' | 'random',
  missed: 'dropped' | 'replayed',
): Axes => ({ clock: { kind: 'ticks', periodNs: periodMs * MS, phase, missed } })

const batching = (values: Partial<Design['batching']>): Axes => ({
  batching: {
    rule: { kind: 'natural' },
    entriesMax: 4_096,
    handle: 'on-wake',
    apply: 'before-local-sync',
    ...values,
  },
})

/** One value of one axis each, for scenarios that are `event` but for it. */
export const axisValues: Readonly<Record<string, Axes>> = {
  'ticks-aligned': ticks(100, 'aligned', 'dropped'),
  'ticks-random': ticks(100, 'random', 'dropped'),
  'ticks-replayed': ticks(50, 'random', 'replayed'),
  'disk-lockstep': { disk: { kind: 'lockstep' } },
  'disk-inline': { disk: { kind: 'overlap', votesAndTruncations: 'inline' } },
  'disk-overlapped': { disk: { kind: 'overlap', votesAndTruncations: 'overlapped' } },
  'leader-disk-serial': { leaderDisk: 'serial' },
  linger: batching({ rule: { kind: 'linger', lingerNs: 5 * MS } }),
  'one-entry': batching({ entriesMax: 1 }),
  'handle-on-tick': { ...ticks(50, 'random', 'dropped'), ...batching({ handle: 'on-tick' }) },
  'apply-after-sync': batching({ apply: 'after-local-sync' }),
  'no-pre-vote': { preVote: false },
  'no-check-quorum': { checkQuorum: false },
  'bare-elections': { preVote: false, checkQuorum: false },
  'separate-log': { layout: 'separate-log' },
}

/** Some of the values, drawn anew; a later one of the same axis takes the place of an earlier. */
export function drawAxes(prng: Prng): Axes {
  let axes: Axes = {}
  for (const [name, values] of Object.entries(axisValues)) {
    if (name !== 'handle-on-tick' && prng.below(5) === 0) axes = { ...axes, ...values }
  }
  return axes
}
