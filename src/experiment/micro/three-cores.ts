import { prngFromSeed } from '../../base/prng.ts'
import { LogIndex, NodeId, Term } from '../../contract/types.ts'
import type { RaftCore } from '../../replica/consensus/core.ts'
import type { Effects } from '../../replica/consensus/effects.ts'
import type { Message } from '../../replica/consensus/message.ts'
import { createRaftCore } from '../../replica/consensus/raft-core.ts'

const MIB = 2 ** 20

/** Three cores in one thread, the first of them elected. */
export type ThreeCores = {
  /** To the leader; goes nowhere before `settle`. */
  readonly propose: (token: number, payload: Uint8Array) => void
  /** Until no core has anything to do any more. */
  readonly settle: () => void
  /** Proposals that the leader has committed. */
  readonly committed: () => number
}

/** The protocol alone: a write is durable at once and a message arrives at once. */
export function createThreeCores(): ThreeCores {
  const voters = [NodeId(1), NodeId(2), NodeId(3)]
  const cores = voters.map((id) => createCore(id, voters))
  const leader = cores[0] as RaftCore
  const deliver = (messages: readonly Message[]): void => {
    for (const message of messages) {
      ;(cores[message.to - 1] as RaftCore).step({ kind: 'message', message }, 0)
    }
  }
  const handle = (core: RaftCore, effects: Effects): void => {
    deliver(effects.send)
    if (effects.persist !== undefined) core.step({ kind: 'persisted', id: effects.persist.id }, 0)
    for (const { messages } of effects.sendAfterPersist) deliver(messages)
    if (effects.commitIndex !== undefined) {
      core.step({ kind: 'applied', index: effects.commitIndex }, 0)
    }
  }
  const settle = (): void => {
    for (let isBusy = true; isBusy; ) {
      isBusy = false
      for (const core of cores) {
        const effects = core.take()
        if (effects === undefined) continue
        isBusy = true
        handle(core, effects)
      }
    }
  }
  leader.step({ kind: 'campaign' }, 0)
  settle()
  return {
    propose: (token: number, payload: Uint8Array) =>
      leader.step({ kind: 'propose', token, payload }, 0),
    settle,
    /** The no-op is not a proposal. */
    committed: () => leader.commitIndex - 1,
  }
}

function createCore(id: NodeId, voters: readonly NodeId[]): RaftCore {
  return createRaftCore({
    id,
    voters,
    timing: { heartbeatNs: 100e6, electionNsMin: 1e9, electionNsMax: 2e9 },
    window: { messagesMax: 256, bytesMax: MIB, messageEntriesMax: 1_024, messageBytesMax: MIB / 4 },
    leaderDisk: 'parallel',
    preVote: true,
    checkQuorum: true,
    cacheBytesMax: 4 * MIB,
    uncommittedBytesMax: 64 * MIB,
    prng: prngFromSeed(id),
    restored: {
      hardState: { term: Term(0), votedFor: undefined },
      terms: [],
      lastIndex: LogIndex(0),
      tail: [],
    },
    nowNs: 0,
  })
}
