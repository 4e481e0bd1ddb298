import type { Prng } from '../../base/prng.ts'
import { LogIndex, type NodeId, type Term } from '../../contract/types.ts'
import type { CoreOptions, Timing, Window } from './core.ts'
import type { Accepted, CoreStatus, HardState, Load, Refusal, Role, Token } from './effects.ts'
import type { Message } from './message.ts'
import { createProgress, type Progress } from './progress.ts'
import { RaftLog } from './raft-log.ts'
import type { RuleId } from './rules.ts'
import { Writes } from './writes.ts'

/**
 * The memory of one core: Fig. 2 of the paper and what its rules need beside it. One flat object,
 * so that every rule reads it at the same speed. Rules change it; `take` turns what they left in
 * the outbox into effects.
 */
export type State = {
  readonly id: NodeId
  readonly voterCount: number
  readonly timing: Timing
  readonly window: Window
  readonly serialDisk: boolean
  readonly preVote: boolean
  readonly checkQuorum: boolean
  readonly cacheBytesMax: number
  readonly uncommittedBytesMax: number
  readonly prng: Prng
  readonly tracing: boolean

  nowNs: number
  term: Term
  votedFor: NodeId | undefined
  role: Role
  leader: NodeId | undefined
  commitIndex: LogIndex
  appliedIndex: LogIndex
  readonly log: RaftLog
  readonly writes: Writes

  /** Redrawn with each campaign and change of role; runs from the last contact. Raft §5.2. */
  electionTimeoutNs: number
  electionDeadlineNs: number
  /** Until then a leader was heard so recently that no other may be elected. Thesis §6.4.1. */
  leaderHeardUntilNs: number
  /** Who granted the vote, or pre-vote, that is being held; this node included. */
  votes: NodeId[]

  // A leader's; they mean nothing in other roles.
  /** Every voter but this node. */
  readonly followers: readonly Progress[]
  heartbeatDueNs: number
  ownTermFirstIndex: LogIndex
  round: number
  confirmedRound: number
  /** When the last rounds were sent: round r at `r % ROUNDS_REMEMBERED`. */
  readonly roundSentNs: number[]
  leaseEndNs: number
  /** The round that must start for the reads that wait. */
  roundWanted: number
  reads: WaitingRead[]
  /** What was accepted and is not committed, oldest first. */
  proposals: Accepted[]
  uncommittedBytes: number
  /** One slot per voter, to compute what a majority has reached without allocating. */
  readonly reached: number[]

  // What the next take hands out.
  /** Something happened since the last take. */
  dirty: boolean
  send: Message[]
  afterHardState: Message[]
  afterLog: Message[]
  accepted: Accepted[]
  refused: { readonly token: Token; readonly reason: Refusal }[]
  lost: Token[]
  readReady: { readonly token: Token; readonly index: LogIndex }[]
  load: Load[]
  trace: RuleId[]
  /** The first entry that no write holds yet. */
  unwrittenIndex: LogIndex
  truncateFrom: LogIndex | undefined
  /** What the last take said; the next one says what differs. */
  writtenHardState: HardState
  toldCommitIndex: LogIndex
  status: CoreStatus
  toldStatus: CoreStatus
}

/** An echo of an older round than these opens no lease, which would long have ended. */
export const ROUNDS_REMEMBERED = 256

export type WaitingRead = {
  readonly token: Token
  readonly index: LogIndex
  readonly round: number
}

export function createState(options: CoreOptions): State {
  const { id, voters, restored, window, nowNs } = options
  const { hardState, lastIndex } = restored
  const commitIndex = options.committedIndex ?? LogIndex(0)
  const status: CoreStatus = { term: hardState.term, role: 'follower', leader: undefined }
  return {
    id,
    voterCount: voters.length,
    timing: options.timing,
    window,
    serialDisk: options.leaderDisk === 'serial',
    preVote: options.preVote,
    checkQuorum: options.checkQuorum,
    cacheBytesMax: options.cacheBytesMax,
    uncommittedBytesMax: options.uncommittedBytesMax,
    prng: options.prng,
    tracing: options.trace ?? false,
    nowNs,
    term: hardState.term,
    votedFor: hardState.votedFor,
    role: 'follower',
    leader: undefined,
    commitIndex,
    appliedIndex: LogIndex(0),
    log: new RaftLog(restored),
    writes: new Writes(lastIndex),
    electionTimeoutNs: 0,
    electionDeadlineNs: 0,
    leaderHeardUntilNs: nowNs,
    votes: [],
    followers: voters.filter((voter) => voter !== id).map((voter) => createProgress(voter, window)),
    heartbeatDueNs: 0,
    ownTermFirstIndex: LogIndex(0),
    round: 0,
    confirmedRound: 0,
    roundSentNs: [0],
    leaseEndNs: 0,
    roundWanted: 0,
    reads: [],
    proposals: [],
    uncommittedBytes: 0,
    reached: voters.map(() => 0),
    dirty: false,
    send: [],
    afterHardState: [],
    afterLog: [],
    accepted: [],
    refused: [],
    lost: [],
    readReady: [],
    load: [],
    trace: [],
    unwrittenIndex: LogIndex(lastIndex + 1),
    truncateFrom: undefined,
    writtenHardState: hardState,
    toldCommitIndex: commitIndex,
    status,
    toldStatus: status,
  }
}

/** Notes that a rule acted. Costs one test of a flag when nobody traces. */
export function hit(state: State, rule: RuleId): void {
  if (state.tracing) state.trace.push(rule)
}

/** Its follower's progress, or `undefined` for a stranger. Voters are few: a scan is fastest. */
export function progressOf(state: State, id: NodeId): Progress | undefined {
  const { followers } = state
  for (let at = 0; at < followers.length; at += 1) {
    const progress = followers[at] as Progress
    if (progress.id === id) return progress
  }
  return undefined
}
