import type { EntryId, LogIndex, NodeId, Term } from '../../contract/types.ts'

/**
 * What one member of a group sends another. Every message carries the sender's term, but a
 * pre-vote: it carries the term that the sender would campaign in, and changes nobody's. Raft
 * Fig. 2; pre-vote: thesis §9.6.
 */
export type Message =
  | RequestVote
  | RequestVoteResponse
  | AppendEntries
  | AppendEntriesResponse
  | Heartbeat
  | HeartbeatResponse

type Envelope = { readonly from: NodeId; readonly to: NodeId; readonly term: Term }

export type RequestVote = Envelope & {
  readonly kind: 'RequestVote'
  readonly preVote: boolean
  /** The candidate's last entry: a voter refuses a candidate whose log is behind its own. */
  readonly lastEntry: EntryId
}

export type RequestVoteResponse = Envelope & {
  readonly kind: 'RequestVoteResponse'
  readonly preVote: boolean
  readonly granted: boolean
}

export type AppendEntries = Envelope & {
  readonly kind: 'AppendEntries'
  /** The entry just before `entries`: it must match, or the follower refuses. */
  readonly previous: EntryId
  readonly entries: readonly Entry[]
  readonly commitIndex: LogIndex
}

export type AppendEntriesResponse = Envelope & {
  readonly kind: 'AppendEntriesResponse'
  /** The `previous.index` that is answered, so that a stale answer can be told. */
  readonly previousIndex: LogIndex
} & (
    | { readonly accepted: true; readonly matchIndex: LogIndex }
    | {
        readonly accepted: false
        /** Where the follower's log may agree at the latest: its hint for fast back-off. §5.3 */
        readonly conflict: EntryId
      }
  )

/** Sent apart from appends, so that it never waits behind one. Source: etcd/raft MsgHeartbeat. */
export type Heartbeat = Envelope & {
  readonly kind: 'Heartbeat'
  /** Never above what the receiver is known to have: min(matchIndex, commitIndex). */
  readonly commitIndex: LogIndex
  /** Rises by one with each round of this leader; an echo confirms reads up to it. Thesis §6.4. */
  readonly round: number
}

export type HeartbeatResponse = Envelope & {
  readonly kind: 'HeartbeatResponse'
  readonly round: number
}

/** `noop`: a new leader's first entry (thesis §6.4). `records`: one Kafka record batch. */
export type EntryKind = 'noop' | 'records'

export type Entry = {
  readonly term: Term
  readonly index: LogIndex
  readonly kind: EntryKind
  /** Empty for `noop`. Shared between holders: nobody may change it. */
  readonly payload: Uint8Array
}
