import { unreachable } from '../../base/assert.ts'
import type { GroupId } from '../../contract/types.ts'
import type { Message } from '../consensus/message.ts'

/** Peer traffic is kept apart, so that a heartbeat never waits behind an append. */
export type Lane = 'control' | 'append'

export const laneOf = (message: Message): Lane => {
  switch (message.kind) {
    case 'AppendEntries':
    case 'AppendEntriesResponse':
      return 'append'
    case 'RequestVote':
    case 'RequestVoteResponse':
    case 'Heartbeat':
    case 'HeartbeatResponse':
      return 'control'
    default:
      return unreachable(message)
  }
}

/**
 * Carries messages between the nodes of a cluster, for all groups of one node. Messages may be
 * lost, and lanes overtake each other; within one lane between two nodes order is kept.
 */
export interface Transport {
  /** Never blocks and never throws: what cannot be sent is lost, as on any network. */
  send(group: GroupId, message: Message): void
  /** Sets who is called for each message that arrives; never from within `send`. */
  receive(handler: (group: GroupId, message: Message) => void): void
  close(): void
}
