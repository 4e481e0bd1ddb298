import { RaftmarkError } from '../../base/errors.ts'
import { type Design, layouts } from './design.ts'

type Rule = {
  readonly holds: (design: Design) => boolean
  readonly reason: string
  readonly nextStep: string
}

/** What a design must keep to be possible at all, each with the reason. */
const rules: readonly Rule[] = [
  {
    holds: ({ timing }) => timing.heartbeatNs > 0 && timing.heartbeatNs * 2 <= timing.electionNsMin,
    reason: 'a follower must be able to miss a heartbeat without campaigning',
    nextStep: 'make the election timeout at least twice the heartbeat interval',
  },
  {
    holds: ({ timing }) => timing.electionNsMin < timing.electionNsMax,
    reason: 'election timeouts need a range to be drawn from (Raft §5.2)',
    nextStep: 'make the maximum of the election timeout larger than its minimum',
  },
  {
    holds: ({ clock }) => clock.kind === 'timers' || clock.periodNs > 0,
    reason: 'a tick needs a period',
    nextStep: 'give a tick period above 0 ms',
  },
  {
    holds: ({ clock, timing }) =>
      clock.kind === 'timers' || clock.periodNs * 2 <= timing.electionNsMin,
    reason: 'timers that are looked at this seldom cannot keep the election timeout',
    nextStep: 'make the tick period at most half of the election timeout',
  },
  {
    holds: ({ clock, batching }) => batching.handle === 'on-wake' || clock.kind === 'ticks',
    reason: 'effects can be handled on the tick only where there is a tick',
    nextStep: 'choose clock ticks, or handle effects on wake',
  },
  {
    holds: ({ batching }) => batching.handle === 'on-wake' || batching.rule.kind === 'natural',
    reason: 'an engine that handles effects on the tick lingers already',
    nextStep: 'choose natural batching, or handle effects on wake',
  },
  {
    holds: ({ batching }) => batching.rule.kind === 'natural' || batching.rule.lingerNs > 0,
    reason: 'a linger of no time is natural batching',
    nextStep: 'give a linger above 0 ms, or choose natural batching',
  },
  {
    holds: ({ window: { messagesMax, bytesMax, messageEntriesMax, messageBytesMax } }) =>
      [messagesMax, bytesMax, messageEntriesMax, messageBytesMax].every(
        (value) => Number.isSafeInteger(value) && value >= 1,
      ),
    reason: 'a window that holds nothing never replicates',
    nextStep: 'give whole numbers of at least 1 for the window',
  },
  {
    holds: ({ batching }) => Number.isSafeInteger(batching.entriesMax) && batching.entriesMax >= 1,
    reason: 'a batch that holds nothing never proposes',
    nextStep: 'give a cap of at least 1 entry',
  },
  {
    holds: ({ sharing }) => sharing === 'none',
    reason: 'axis F has no other value yet than `none`: each group syncs and beats for itself',
    nextStep: 'choose sharing none',
  },
  {
    holds: ({ layout }) => layouts.includes(layout),
    reason: 'axis G has no such value',
    nextStep: `choose a layout: ${layouts.join(', ')}`,
  },
]

/** Throws `design-impossible`, with the reason, when the values contradict each other. */
export function validateDesign(design: Design): void {
  const broken = rules.find((rule) => !rule.holds(design))
  if (broken === undefined) return
  throw new RaftmarkError('design-impossible', `design ${design.name}: ${broken.reason}`, {
    nextStep: broken.nextStep,
  })
}
