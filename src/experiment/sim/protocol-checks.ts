import type { Restored } from '../../replica/consensus/core.ts'
import type { Persist } from '../../replica/consensus/effects.ts'
import type { Entry, Heartbeat, Message } from '../../replica/consensus/message.ts'
import type { ReplicaStatus } from '../../replica/engine/replica.ts'
import { NodeRecord, sameEntry } from './node-record.ts'
import type { World } from './world.ts'

/** What must hold at every step of every run, and what a break of it means. */
export const protocolChecks = {
  'election-safety': 'Two leaders in one term. Raft §5.2.',
  'vote-twice': 'A node voted for two candidates in one term, be it after a restart. §5.2.',
  'log-matching': 'Two logs have an entry of one index and term, but differ there or before. §5.3.',
  'leader-completeness': 'A leader lacks an entry that was committed in an earlier term. §5.4.',
  'state-machine-safety': 'Two nodes committed different entries at one index. §5.4.3.',
  'commit-regress': 'Within one life of a node, what is committed or the term fell.',
  'truncated-commit': 'A node cut away what it knew to be committed.',
  'commit-old-term': 'A leader committed an entry of an older term by counting. §5.4.2, Fig. 8.',
  'told-commit-regress':
    'A leader told a follower of less commit than before: its match fell. §5.3.',
  'told-unheld': 'A leader told a follower of a commit whose entry that follower does not hold.',
  'commit-not-durable': 'Something counts as committed that no majority holds durably.',
  'ack-not-durable': 'A follower acknowledged entries that its disk does not hold.',
  'ack-not-matching': 'A follower acknowledged entries that are not those of that leader.',
  'vote-not-durable': 'A vote left the node before it was durable.',
  'term-not-durable': 'A term left the node before it was durable.',
  'live-leader': 'A node voted although it had just heard a leader. Thesis §4.2.3.',
  'check-quorum': 'A leader that hears no majority did not step down. Thesis §6.2.',
  'store-recovery': 'A store came back with something else than what was written to it, in order.',
} as const

/** What the design promises beyond the paper's Fig. 2, as far as it can be seen from outside. */
export type ProtocolRules = {
  readonly checkQuorum: boolean
  /**
   * A vote is decided when its request arrives: only where input never waits, and no clock jumps,
   * can it be told from outside what the voter had heard by then.
   */
  readonly passesOverVotes: boolean
}

/** The shortest election timeout, less what clocks may differ in rate. */
const LEADER_HEARD_NS = 450_000_000

const isPreVote = (message: Message): boolean => 'preVote' in message && message.preVote

/** Four times what a leader has, for designs that look at timers seldom. */
const UNHEARD_NS_MAX = 2_000_000_000

/**
 * Watches all nodes from outside: what they write, send and say of themselves. Each step costs
 * what changed in it, not what the logs hold.
 */
export class ProtocolChecks {
  readonly #world: World
  readonly #majority: number
  readonly #rules: ProtocolRules
  readonly #records: readonly NodeRecord[]
  readonly #leaders = new Map<number, number>()
  readonly #votes = new Map<number, number>()
  /** Every entry ever written, by index and term: there may be one of each. */
  readonly #entries = new Map<number, { readonly entry: Entry; readonly previousTerm: number }>()
  /** What is committed, and the term of the node that first said so. */
  readonly #committed: Entry[] = []
  readonly #committedIn: number[] = []

  constructor(world: World, nodes: number, rules: ProtocolRules) {
    this.#rules = rules
    this.#world = world
    this.#majority = Math.floor(nodes / 2) + 1
    this.#records = Array.from({ length: nodes + 1 }, () => new NodeRecord())
  }

  get committed(): readonly Entry[] {
    return this.#committed
  }

  record(node: number): NodeRecord {
    return this.#records[node] as NodeRecord
  }

  /** A node hands a write to its store. */
  onPersist(node: number, write: Persist): void {
    const record = this.record(node)
    const { truncateFrom } = write
    this.#world.mix(write.id * 131 + node)
    if (truncateFrom !== undefined && truncateFrom <= record.commitIndex) {
      this.#world.fail(
        'truncated-commit',
        `node ${node} cuts its log at ${truncateFrom}, committed is ${record.commitIndex}`,
      )
    }
    record.write(write)
    for (const entry of write.entries) this.#checkLogMatching(node, entry, record)
  }

  /** The node's store says that a write is durable. */
  onDurable(node: number, id: number): void {
    if (!this.record(node).becomeDurable(id)) {
      this.#world.fail('store-recovery', `the store of node ${node} ends write ${id} out of order`)
    }
  }

  /** The node starts again with what its store returns. */
  onRestored(node: number, restored: Restored, entries: readonly Entry[]): void {
    const why = this.record(node).restart(restored.hardState, entries)
    if (why !== undefined) this.#world.fail('store-recovery', `node ${node}: ${why}`)
  }

  onDelivery({ from, to, kind, term }: Message): void {
    const record = this.record(to)
    record.heardNs[from] = this.#world.nowNs
    if ((kind === 'Heartbeat' || kind === 'AppendEntries') && term >= record.term) {
      record.leaderHeardNs = this.#world.nowNs
      record.leaderHeardTerm = term
    }
  }

  /** A process that was stopped goes on: only from now on can it be held to anything. */
  onAwake(node: number): void {
    this.record(node).leadsSinceNs = this.#world.nowNs
  }

  onSend(message: Message): void {
    const { from, to, term } = message
    const record = this.record(from)
    if (term > record.durableHardState.term && !isPreVote(message)) {
      this.#fail('term-not-durable', message, `durable is term ${record.durableHardState.term}`)
    }
    switch (message.kind) {
      case 'RequestVote':
        if (!message.preVote) this.#checkVote(message, from, from, term)
        break
      case 'RequestVoteResponse':
        if (message.granted && !message.preVote) {
          this.#checkVote(message, from, to, term)
          this.#checkLiveLeader(message, record)
        }
        break
      case 'AppendEntries':
        this.#checkLeader(from, term)
        break
      case 'Heartbeat':
        this.#checkLeader(from, term)
        this.#checkTold(message, record)
        break
      case 'AppendEntriesResponse':
        if (message.accepted) this.#checkAcknowledgement(message, record, message.matchIndex)
        break
      default:
    }
  }

  /** After each event: what the node now says of itself. */
  onStatus(node: number, status: ReplicaStatus): void {
    const record = this.record(node)
    const { term, role, commitIndex } = status
    if (term < record.term || commitIndex < record.commitIndex) {
      this.#world.fail(
        'commit-regress',
        `node ${node} fell from term ${record.term}, commit ${record.commitIndex} ` +
          `to term ${term}, commit ${commitIndex}`,
      )
    }
    const wasLeader = record.isLeader && record.term === term
    record.term = term
    record.isLeader = role === 'leader'
    if (commitIndex > record.commitIndex) {
      if (wasLeader && record.isLeader) this.#checkOwnTerm(node, record, commitIndex)
      this.#commitThrough(node, commitIndex, term)
    }
    if (record.isLeader && !wasLeader) this.#elected(node, term)
    if (record.isLeader && this.#rules.checkQuorum) this.#checkHeard(node, record)
  }

  #checkHeard(node: number, record: NodeRecord): void {
    const limitNs = this.#world.nowNs - UNHEARD_NS_MAX
    if (record.leadsSinceNs > limitNs) return
    let heard = 0
    // By index, and from 1: places of nodes that were never heard are empty.
    for (let from = 1; from < record.heardNs.length; from += 1) {
      if ((record.heardNs[from] as number) > limitNs) heard += 1
    }
    if (heard + 1 >= this.#majority) return
    this.#world.fail('check-quorum', `node ${node} leads term ${record.term} and hears ${heard}`)
  }

  #checkOwnTerm(node: number, record: NodeRecord, commitIndex: number): void {
    const entry = record.log[commitIndex - 1]
    if (entry === undefined || entry.term === record.term) return
    this.#world.fail(
      'commit-old-term',
      `node ${node}, leader of term ${record.term}, committed ${entry.term}/${entry.index} last`,
    )
  }

  #elected(node: number, term: number): void {
    this.#world.note(() => `node ${node} leads term ${term}`)
    this.record(node).leadsSinceNs = this.#world.nowNs
    this.#checkLeader(node, term)
    for (let at = 0; at < this.#committed.length; at += 1) this.#checkHolds(node, term, at)
  }

  #commitThrough(node: number, commitIndex: number, term: number): void {
    const record = this.record(node)
    for (let index = record.commitIndex + 1; index <= commitIndex; index += 1) {
      const entry = record.log[index - 1]
      if (entry === undefined) {
        this.#world.fail('state-machine-safety', `node ${node} committed ${index} without it`)
        return
      }
      const known = this.#committed[index - 1]
      if (known === undefined) this.#committedFirst(node, entry, term)
      else if (!sameEntry(known, entry)) {
        this.#world.fail(
          'state-machine-safety',
          `at index ${index} node ${node} committed an entry of term ${entry.term}, ` +
            `another node one of term ${known.term}`,
        )
      }
    }
    record.commitIndex = commitIndex
  }

  /** Nobody had committed this index: now a majority must hold it where no power cut reaches. */
  #committedFirst(node: number, entry: Entry, term: number): void {
    const at = this.#committed.length
    this.#committed.push(entry)
    this.#committedIn.push(term)
    this.#world.mix(entry.index * 17 + entry.term)
    let holders = 0
    for (const record of this.#records) {
      const held = record.durable[at]
      if (held !== undefined && sameEntry(held, entry)) holders += 1
    }
    if (holders < this.#majority) {
      this.#world.fail(
        'commit-not-durable',
        `node ${node} committed entry ${entry.term}/${entry.index}, durable on ${holders} nodes`,
      )
    }
    for (let other = 1; other < this.#records.length; other += 1) {
      const record = this.record(other)
      if (record.isLeader && record.term > term) this.#checkHolds(other, record.term, at)
    }
  }

  /** Leader completeness, for the committed entry `at` and a leader of a later term. */
  #checkHolds(leader: number, term: number, at: number): void {
    const entry = this.#committed[at]
    if (entry === undefined || (this.#committedIn[at] as number) >= term) return
    const held = this.record(leader).log[at]
    if (held !== undefined && sameEntry(held, entry)) return
    this.#world.fail(
      'leader-completeness',
      `node ${leader} leads term ${term} without entry ${entry.term}/${entry.index}, ` +
        `which was committed in term ${this.#committedIn[at]}`,
    )
  }

  #checkLogMatching(node: number, entry: Entry, record: NodeRecord): void {
    // Alone it reveals its term to nobody: after a crash it may lead the same one once more.
    if (this.#majority === 1) return
    const key = entry.index * 2 ** 24 + entry.term
    const previousTerm = record.log[entry.index - 2]?.term ?? 0
    const known = this.#entries.get(key)
    if (known === undefined) {
      this.#entries.set(key, { entry, previousTerm })
    } else if (!sameEntry(known.entry, entry) || known.previousTerm !== previousTerm) {
      this.#world.fail(
        'log-matching',
        `node ${node} wrote another entry ${entry.term}/${entry.index} than a node before it`,
      )
    }
  }

  #checkLeader(node: number, term: number): void {
    const known = this.#leaders.get(term)
    if (known === undefined) this.#leaders.set(term, node)
    else if (known !== node) {
      this.#world.fail('election-safety', `nodes ${known} and ${node} both lead term ${term}`)
    }
  }

  /** What a follower is told is committed is at most its match, and neither ever falls. */
  #checkTold(message: Heartbeat, record: NodeRecord): void {
    const { to, term, commitIndex } = message
    const told = record.told[to]
    if (told?.term === term && told.commitIndex > commitIndex) {
      this.#fail('told-commit-regress', message, `${commitIndex} comes after ${told.commitIndex}`)
    }
    const held = this.record(to).durable[commitIndex - 1]
    if (commitIndex > 0 && held?.term !== record.log[commitIndex - 1]?.term) {
      this.#fail('told-unheld', message, `node ${to} does not hold entry ${commitIndex}`)
    }
    record.told[to] = message
  }

  #checkVote(message: Message, voter: number, candidate: number, term: number): void {
    const { durableHardState } = this.record(voter)
    if (durableHardState.term !== term || durableHardState.votedFor !== candidate) {
      const { term: kept, votedFor } = durableHardState
      this.#fail('vote-not-durable', message, `durable is term ${kept}, vote ${votedFor}`)
    }
    const key = term * 64 + voter
    const known = this.#votes.get(key)
    if (known === undefined) this.#votes.set(key, candidate)
    else if (known !== candidate) {
      this.#fail('vote-twice', message, `node ${voter} had voted for node ${known}`)
    }
  }

  #checkLiveLeader(message: Message, record: NodeRecord): void {
    const agoNs = this.#world.nowNs - record.leaderHeardNs
    if (!this.#rules.passesOverVotes || agoNs >= LEADER_HEARD_NS) return
    // It may hear the leader that it helped to elect before its own vote is durable.
    if (record.leaderHeardTerm >= message.term) return
    this.#fail('live-leader', message, `it heard a leader ${agoNs / 1e6} ms ago`)
  }

  #checkAcknowledgement(message: Message, record: NodeRecord, matchIndex: number): void {
    const { from, to, term } = message
    if (record.durable.length < matchIndex) {
      this.#fail('ack-not-durable', message, `its disk holds ${record.durable.length} entries`)
      return
    }
    const leader = this.record(to)
    if (matchIndex === 0 || !leader.isLeader || leader.term !== term) return
    const own = record.durable[matchIndex - 1] as Entry
    const wanted = leader.log[matchIndex - 1]
    if (wanted !== undefined && own.term === wanted.term) return
    const text = `node ${from} holds ${own.term}/${own.index} there, the leader ${wanted?.term}`
    this.#fail('ack-not-matching', message, text)
  }

  #fail(check: keyof typeof protocolChecks, message: Message, why: string): void {
    const { from, to, kind, term } = message
    this.#world.fail(check, `node ${from} sent node ${to} a ${kind} of term ${term}, but ${why}`)
  }
}
