import { assert, unreachable } from '../../base/assert.ts'
import type { LogIndex, Term } from '../../contract/types.ts'
import { maybeCommit } from './commit.ts'
import type { CoreOptions, Input, RaftCore } from './core.ts'
import type { CoreStatus, Effects } from './effects.ts'
import { campaign, campaignOnOrder } from './election.ts'
import { tendFollowers } from './heartbeat.ts'
import { assertInvariants } from './invariants.ts'
import type { Entry } from './message.ts'
import { propose } from './proposal.ts'
import { read } from './read.ts'
import { receive } from './receive.ts'
import { sendLoaded } from './replication.ts'
import { redrawElectionTimeout } from './roles.ts'
import { createState, hit, progressOf, type State } from './state.ts'
import { takeEffects } from './take.ts'

/**
 * One member of a Raft group, as it is after its store was opened: a follower that knows of no
 * leader and of nothing committed.
 */
export const createRaftCore = (options: CoreOptions): RaftCore => new Core(options)

/** A class, because getters of a literal make every core another shape to the compiler. */
class Core implements RaftCore {
  readonly #state: State
  readonly #before: { term: Term; commitIndex: LogIndex }

  constructor(options: CoreOptions) {
    checkOptions(options)
    const state = createState(options)
    redrawElectionTimeout(state)
    // A node that restarts may have been part of a lease and forgot it, so it waits the lease out.
    if (state.checkQuorum && state.term > 0 && state.followers.length > 0) {
      state.leaderHeardUntilNs = state.nowNs + state.timing.electionNsMin
    }
    this.#state = state
    this.#before = { term: state.term, commitIndex: state.commitIndex }
  }

  get deadlineNs(): number {
    const state = this.#state
    return state.role === 'leader' ? state.heartbeatDueNs : state.electionDeadlineNs
  }

  get status(): CoreStatus {
    return this.#state.status
  }

  get commitIndex(): LogIndex {
    return this.#state.commitIndex
  }

  get lastIndex(): LogIndex {
    return this.#state.log.lastIndex
  }

  get durableIndex(): LogIndex {
    return this.#state.writes.durableIndex
  }

  step(input: Input, nowNs: number): void {
    const state = this.#state
    assert(nowNs >= state.nowNs, 'time went back', nowNs, state.nowNs)
    state.nowNs = nowNs
    state.dirty = true
    stepInput(state, input)
    assertInvariants(state, this.#before)
  }

  take(): Effects | undefined {
    return takeEffects(this.#state)
  }

  termAt(index: LogIndex): Term {
    const { log } = this.#state
    assert(index <= log.lastIndex, 'the log ends before it', index)
    return log.termAt(index)
  }

  entries(start: LogIndex, end: LogIndex): readonly Entry[] | undefined {
    const { log } = this.#state
    assert(end <= log.lastIndex + 1, 'the log ends before it', end)
    return start < log.firstIndexInMemory ? undefined : log.slice(start, end)
  }
}

function stepInput(state: State, input: Input): void {
  switch (input.kind) {
    case 'message':
      receive(state, input.message)
      break
    case 'propose':
      propose(state, input.token, input.payload)
      break
    case 'read':
      read(state, input.token, input.consistency)
      break
    case 'persisted':
      persisted(state, input.id)
      break
    case 'applied':
      applied(state, input.index)
      break
    case 'loaded':
      loaded(state, input)
      break
    case 'campaign':
      campaignOnOrder(state)
      break
    case 'wake':
      wake(state)
      break
    default:
      unreachable(input)
  }
}

/** The leader is a member like any other: its own entries count when its own disk has them. */
function persisted(state: State, id: number): void {
  const { writes } = state
  const before = writes.durableIndex
  if (writes.complete(id)) hit(state, 'disk/ignored-rewritten')
  if (writes.durableIndex === before) return
  if (state.role === 'leader') maybeCommit(state)
  shrink(state)
}

function applied(state: State, index: LogIndex): void {
  assert(index >= state.appliedIndex, 'the applied index fell', index, state.appliedIndex)
  state.appliedIndex = index
  shrink(state)
}

function shrink(state: State): void {
  const { appliedIndex, writes, log } = state
  const through = appliedIndex < writes.durableIndex ? appliedIndex : writes.durableIndex
  log.shrink(through, state.cacheBytesMax)
}

function loaded(state: State, input: Extract<Input, { kind: 'loaded' }>): void {
  const progress = progressOf(state, input.to)
  assert(progress !== undefined, `node ${input.to} is no follower, so nothing was to be loaded`)
  assert(input.entries.length > 0, 'a load is answered with at least one entry')
  sendLoaded(state, progress, input.entries)
}

function wake(state: State): void {
  if (state.role === 'leader') {
    if (state.nowNs >= state.heartbeatDueNs) tendFollowers(state)
  } else if (state.nowNs >= state.electionDeadlineNs) campaign(state)
}

function checkOptions(options: CoreOptions): void {
  const { id, voters, timing, window } = options
  assert(voters.includes(id), 'this node is not among the voters', id)
  assert(
    voters.every((voter, at) => at === 0 || voter > (voters[at - 1] as number)),
    'voters must ascend without duplicates',
  )
  const { heartbeatNs, electionNsMin, electionNsMax } = timing
  assert(heartbeatNs > 0 && heartbeatNs < electionNsMin, 'heartbeats must outpace elections')
  assert(electionNsMin <= electionNsMax, 'electionNsMin must not exceed electionNsMax')
  const limits = [...Object.values(window), options.uncommittedBytesMax]
  assert(
    limits.every((limit) => limit >= 1),
    'windows and limits must be at least 1',
  )
}
