import { RaftmarkError } from '../../base/errors.ts'
import type { Timing } from '../consensus/core.ts'
import type { Design, Layout } from './design.ts'
import { validateDesign } from './validate-design.ts'

const MS = 1_000_000
const MIB = 1 << 20

/** What a harness that says nothing else uses; every design starts from it. */
const defaultTiming: Timing = {
  heartbeatNs: 100 * MS,
  electionNsMin: 1_000 * MS,
  electionNsMax: 2_000 * MS,
}

/** All that `tick` and `event` share: they differ in axes A and B alone. */
const shared = {
  leaderDisk: 'parallel',
  window: {
    messagesMax: 256,
    bytesMax: MIB,
    messageEntriesMax: 4_096,
    messageBytesMax: MIB,
  },
  batching: {
    rule: { kind: 'natural' },
    entriesMax: 4_096,
    handle: 'on-wake',
    apply: 'before-local-sync',
  },
  sharing: 'none',
  layout: 'raft-log-is-partition',
  timing: defaultTiming,
  preVote: true,
  checkQuorum: true,
} as const satisfies Partial<Design>

const ticksOf = (periodMs: number, phase: 'aligned' | 'random'): Design['clock'] => ({
  kind: 'ticks',
  periodNs: periodMs * MS,
  phase,
  missed: 'dropped',
})

const lockstep: Design['disk'] = { kind: 'lockstep' }

const tick: Design = { ...shared, name: 'tick', clock: ticksOf(100, 'random'), disk: lockstep }

const event: Design = {
  ...shared,
  name: 'event',
  clock: { kind: 'timers' },
  disk: { kind: 'overlap', votesAndTruncations: 'overlapped' },
}

/**
 * Every named point. The sources of the `like-*` values stand in adapters/raft/NAME/README.md.
 * Heartbeat and election times are not a library's but the harness's, in milliseconds for all.
 */
const designs: readonly Design[] = [
  tick,
  event,
  { ...tick, name: 'tick-polled', batching: { ...shared.batching, handle: 'on-tick' } },
  {
    ...tick,
    name: 'like-raft-rs',
    // Config::default(): max_inflight_msgs 256, max_size_per_msg 0, so one entry a message.
    window: { ...shared.window, bytesMax: 64 * MIB, messageEntriesMax: 1 },
    batching: { ...shared.batching, apply: 'after-local-sync' },
  },
  {
    ...event,
    name: 'like-etcd-async',
    clock: ticksOf(100, 'random'),
    window: { ...shared.window, messagesMax: 512, bytesMax: 512 * MIB },
    batching: { ...shared.batching, apply: 'after-local-sync' },
  },
  {
    ...tick,
    name: 'like-hashicorp',
    clock: { kind: 'timers' },
    leaderDisk: 'serial',
    window: { ...shared.window, messagesMax: 2, messageEntriesMax: 64 },
    batching: { ...shared.batching, entriesMax: 64 },
  },
  {
    ...tick,
    name: 'like-openraft-0.9',
    clock: ticksOf(75, 'aligned'),
    leaderDisk: 'serial',
    window: { ...shared.window, messagesMax: 1, messageEntriesMax: 300 },
    batching: { ...shared.batching, apply: 'after-local-sync' },
  },
  {
    ...event,
    name: 'like-openraft-0.10',
    clock: ticksOf(10, 'random'),
    disk: { kind: 'overlap', votesAndTruncations: 'inline' },
    window: { ...shared.window, messagesMax: 4_096, bytesMax: 512 * MIB, messageEntriesMax: 300 },
  },
]

export const designNames: readonly string[] = designs.map((design) => design.name)

/**
 * The design of this name, with the harness's timing: `event`, or with another layout of axis G
 * than its own `event@separate-log`. Throws `design-impossible` if there is none.
 */
export function designNamed(name: string, timing: Timing = defaultTiming): Design {
  const [base, layout] = name.split('@')
  const found = designs.find((design) => design.name === base)
  if (found === undefined) {
    throw new RaftmarkError('design-impossible', `no design is called ${name}`, {
      nextStep: `choose one of: ${designNames.join(', ')}`,
    })
  }
  const design = { ...found, name, timing, layout: (layout ?? found.layout) as Layout }
  validateDesign(design)
  return design
}
