import { assert } from '../../src/base/assert.ts'
import { prngFromSeed } from '../../src/base/prng.ts'
import { LogIndex, NodeId, Term } from '../../src/contract/types.ts'
import type { CoreOptions, Input, RaftCore } from '../../src/replica/consensus/core.ts'
import type {
  AfterPersist,
  Effects,
  HardState,
  Load,
  Persist,
} from '../../src/replica/consensus/effects.ts'
import type { Entry, Message } from '../../src/replica/consensus/message.ts'
import { createRaftCore } from '../../src/replica/consensus/raft-core.ts'
import { termStartsOf } from './core-entries.ts'

/** What a simulated disk holds. */
export type Disk = { hardState: HardState; entries: Entry[] }

export type Member = {
  readonly id: NodeId
  core: RaftCore
  alive: boolean
  durable: Disk
  /** With the writes that are handed out and not durable yet. */
  written: Disk
  writes: Persist[]
  waiting: AfterPersist[]
  loads: Load[]
}

export type ClusterOptions = Omit<CoreOptions, 'id' | 'voters' | 'prng' | 'restored' | 'nowNs'>

export const defaultOptions: ClusterOptions = {
  timing: { heartbeatNs: 100e6, electionNsMin: 1e9, electionNsMax: 2e9 },
  window: { messagesMax: 16, bytesMax: 2 ** 20, messageEntriesMax: 64, messageBytesMax: 2 ** 16 },
  leaderDisk: 'parallel',
  preVote: true,
  checkQuorum: true,
  cacheBytesMax: 2 ** 20,
  uncommittedBytesMax: 2 ** 20,
  trace: true,
}

/**
 * Cores with disks and a network that a test moves by hand: a write is durable when the test says
 * so, and a message arrives when the test picks it.
 */
export class CoreCluster {
  readonly members: readonly Member[]
  /** Sent and neither delivered nor lost, in the order sent. */
  readonly network: Message[] = []
  readonly cutOff = new Set<NodeId>()
  nowNs = 0
  readonly #options: ClusterOptions
  readonly #seed: number
  #restarts = 0

  constructor(disks: readonly Disk[], options: ClusterOptions, seed = 1) {
    this.#options = options
    this.#seed = seed
    const voters = disks.map((_, at) => NodeId(at + 1))
    this.members = disks.map((disk, at) => {
      const id = NodeId(at + 1)
      return {
        id,
        core: this.#open(id, voters, disk),
        alive: true,
        durable: copyOf(disk),
        written: copyOf(disk),
        writes: [],
        waiting: [],
        loads: [],
      }
    })
  }

  member(id: number): Member {
    const member = this.members[id - 1]
    assert(member !== undefined, `there is no node ${id}`)
    return member
  }

  step(member: Member, input: Input): void {
    member.core.step(input, this.nowNs)
  }

  /** Takes effects, hands writes to the disk and messages to the network, and applies. */
  take(member: Member): Effects | undefined {
    const effects = member.core.take()
    if (effects === undefined) return undefined
    if (effects.persist !== undefined) {
      member.writes.push(effects.persist)
      write(member.written, effects.persist)
    }
    this.#send(effects.send)
    member.waiting.push(...effects.sendAfterPersist)
    member.loads.push(...effects.load)
    if (effects.commitIndex !== undefined) {
      this.step(member, { kind: 'applied', index: effects.commitIndex })
    }
    return effects
  }

  /** Makes the writes up to `id`, or all, durable. Returns whether there were any. */
  persist(member: Member, id = Number.POSITIVE_INFINITY): boolean {
    let last: number | undefined
    while ((member.writes[0]?.id ?? Number.POSITIVE_INFINITY) <= id) {
      const persist = member.writes.shift()
      if (persist === undefined) break
      write(member.durable, persist)
      last = persist.id
    }
    if (last === undefined) return false
    const through = last
    const due = member.waiting.filter(({ persistId }) => persistId <= through)
    member.waiting = member.waiting.filter(({ persistId }) => persistId > through)
    for (const { messages } of due) this.#send(messages)
    this.step(member, { kind: 'persisted', id: last })
    return true
  }

  deliver(message: Message): void {
    const target = this.member(message.to)
    if (target.alive) this.step(target, { kind: 'message', message })
  }

  load(member: Member): boolean {
    const load = member.loads.shift()
    if (load === undefined) return false
    const entries = member.written.entries.slice(load.firstIndex - 1, load.lastIndex)
    this.step(member, { kind: 'loaded', to: load.to, entries })
    return true
  }

  /** Loses what was not durable. What it sent is on its way. */
  crash(member: Member): void {
    member.alive = false
    member.written = copyOf(member.durable)
    member.writes = []
    member.waiting = []
    member.loads = []
  }

  restart(member: Member): void {
    assert(!member.alive, `node ${member.id} runs`)
    this.#restarts += 1
    const voters = this.members.map(({ id }) => id)
    member.core = this.#open(member.id, voters, member.durable)
    member.alive = true
  }

  #open(id: NodeId, voters: readonly NodeId[], disk: Disk): RaftCore {
    const { entries, hardState } = disk
    return createRaftCore({
      ...this.#options,
      id,
      voters,
      prng: prngFromSeed(this.#seed).fork(`${id}/${this.#restarts}`),
      restored: {
        hardState,
        terms: termStartsOf(entries),
        lastIndex: LogIndex(entries.length),
        tail: [...entries],
      },
      nowNs: this.nowNs,
    })
  }

  #send(messages: readonly Message[]): void {
    for (const message of messages) {
      const isCut = this.cutOff.has(message.from) !== this.cutOff.has(message.to)
      if (!isCut) this.network.push(message)
    }
  }
}

export const emptyDisk = (): Disk => ({
  hardState: { term: Term(0), votedFor: undefined },
  entries: [],
})

const copyOf = ({ hardState, entries }: Disk): Disk => ({ hardState, entries: [...entries] })

function write(disk: Disk, { hardState, truncateFrom, entries }: Persist): void {
  if (hardState !== undefined) disk.hardState = hardState
  if (truncateFrom !== undefined) disk.entries.length = truncateFrom - 1
  for (const entry of entries) {
    assert(entry.index === disk.entries.length + 1, `a gap in the store before ${entry.index}`)
    disk.entries.push(entry)
  }
}
