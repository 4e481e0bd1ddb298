import type { Change } from '../mutants/row.ts'

/** A failure that the simulator found in our own code, and the change that brings it back. */
export type PastFailure = {
  /** Its plan is `corpus/<name>.json`. */
  readonly name: string
  readonly was: string
  readonly check: string
  /** Where a seed that fails is looked for, when the plan is made anew. */
  readonly scenario: string
  readonly changes: readonly Change[]
}

export const pastFailures: readonly PastFailure[] = [
  {
    name: 'late-heartbeat',
    was: 'a late heartbeat confirmed a round of the next leader',
    check: 'assertion',
    scenario: 'adversary',
    changes: [
      {
        file: 'consensus/heartbeat.ts',
        find: 'export function tellTerm(state: State, { from }: Heartbeat): void {',
        replace: 'export function tellTerm(state: State, { from, round }: Heartbeat): void {',
      },
      { file: 'consensus/heartbeat.ts', find: 'term, round: 0 })', replace: 'term, round })' },
    ],
  },
  {
    name: 'lost-pages',
    was: 'what a failed sync lost was taken for durable after a restart',
    check: 'store-recovery',
    scenario: 'short',
    changes: [
      {
        file: 'store/wal/recovery.ts',
        find: '      rewriteFrom(file, segment === start.segment ? start.byte : 0)\n',
        replace: '',
      },
    ],
  },
  {
    name: 'failed-between-writes',
    was: 'a store that failed between two writes ended the node with an exception',
    check: 'exception',
    scenario: 'short',
    changes: [
      {
        file: 'engine/stored-entries.ts',
        find: '      if (error instanceof InvariantError || !(error instanceof Error)) throw error\n',
        replace:
          '      if (error instanceof InvariantError || error instanceof Error) throw error\n',
      },
    ],
  },
  {
    name: 'read-of-failed-store',
    was: 'a read of a failed store asserted instead of failing',
    check: 'assertion',
    scenario: 'short',
    changes: [
      {
        file: 'store/wal/wal-store.ts',
        find: '    if (failure !== undefined) throw failure\n',
        replace: '',
      },
    ],
  },
  {
    name: 'vote-in-learnt-term',
    was: 'a vote in a learnt term right after a leader was heard',
    check: 'live-leader',
    scenario: 'no-pre-vote',
    changes: [
      {
        file: 'consensus/receive.ts',
        find: "if (isPassedOver(state, message)) hit(state, 'vote/ignored-live-leader')\n      else if (message.preVote)",
        replace: 'if (message.preVote)',
      },
    ],
  },
]
