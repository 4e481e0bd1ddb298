import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ClusterOptions,
  CoreCluster,
  defaultOptions,
  emptyDisk,
  type Member,
} from '../../../test/support/core-cluster.ts'
import { prngFromSeed } from '../../base/prng.ts'
import type { Effects, Token } from './effects.ts'
import type { Entry } from './message.ts'

const STEPS = 3000

/** Few entries a message, small windows and a cache of almost nothing: every limit is met. */
const tight: ClusterOptions = {
  ...defaultOptions,
  trace: false,
  cacheBytesMax: 200,
  uncommittedBytesMax: 2000,
  window: { messagesMax: 2, bytesMax: 300, messageEntriesMax: 3, messageBytesMax: 120 },
}

const schedules = fc.record({
  seed: fc.nat(),
  nodes: fc.constantFrom(3, 5),
  preVote: fc.boolean(),
  checkQuorum: fc.boolean(),
  leaderDisk: fc.constantFrom('parallel' as const, 'serial' as const),
})

describe('whatever the network, the disks and the timers do', () => {
  test('the five safety properties of Raft Fig. 3 hold and every token is settled once', () => {
    fc.assert(
      fc.property(schedules, ({ seed, nodes, ...choices }) => {
        const run = new RandomRun(seed, nodes, { ...tight, ...choices })

        for (let step = 0; step < STEPS; step += 1) run.step()
        run.heal()

        run.checkAgreement()
        run.checkTokens()
      }),
      { numRuns: 25, seed: 1 },
    )
  }, 60_000)
})

type Fate = 'pending' | 'accepted' | 'committed' | 'refused' | 'lost'

/** One random run, checked after every take against what all nodes ever committed. */
class RandomRun {
  readonly #cluster: CoreCluster
  readonly #prng
  readonly #leaders = new Map<number, number>()
  readonly #committed: Entry[] = []
  readonly #told: number[]
  readonly #fates = new Map<Token, Fate>()
  readonly #acceptedAt = new Map<number, { token: Token; at: string }[]>()
  readonly #reads = new Map<Token, number>()
  readonly #owners = new Map<Token, number>()
  #token = 0

  constructor(seed: number, nodes: number, options: ClusterOptions) {
    this.#prng = prngFromSeed(seed)
    this.#cluster = new CoreCluster(Array.from({ length: nodes }, emptyDisk), options, seed)
    this.#told = Array.from({ length: nodes }, () => 0)
  }

  step(): void {
    const cluster = this.#cluster
    const member = cluster.members[this.#prng.below(cluster.members.length)] as Member
    const choice = this.#prng.below(100)
    if (choice < 40) this.#deliverOne(choice)
    else if (!member.alive) {
      if (choice < 60) cluster.restart(member)
    } else if (choice < 65) this.#ask(member, choice)
    else if (choice < 80) cluster.persist(member, (member.writes[0]?.id ?? 0) + this.#prng.below(3))
    else if (choice < 90) this.#passTime()
    else if (choice < 93) cluster.load(member)
    else if (choice === 93) this.#crash(member)
    else if (choice === 94) this.#cut(member)
    else if (choice === 95) cluster.step(member, { kind: 'campaign' })
    if (this.#prng.below(3) > 0) this.#take(member)
  }

  /** Ends all faults; after a while there is a leader, and everybody has everything. */
  heal(): void {
    const cluster = this.#cluster
    cluster.cutOff.clear()
    for (const member of cluster.members) if (!member.alive) cluster.restart(member)
    for (let round = 0; round < 400; round += 1) {
      cluster.nowNs += 50e6
      for (const member of cluster.members) {
        if (member.core.deadlineNs <= cluster.nowNs) cluster.step(member, { kind: 'wake' })
      }
      this.#settle()
    }
    const leader = cluster.members.find(({ core }) => core.status.role === 'leader')
    expect(leader, 'a leader after the faults ended').toBeDefined()
    for (const { core } of cluster.members) expect(core.commitIndex).toBe(leader?.core.lastIndex)
  }

  /** State-machine safety and log matching: all that is committed is the same everywhere. */
  checkAgreement(): void {
    expect(this.#committed.length).toBeGreaterThan(0)
    for (const { durable } of this.#cluster.members) {
      const names = durable.entries.slice(0, this.#committed.length).map(nameOf)
      expect(names).toEqual(this.#committed.map(nameOf))
    }
  }

  checkTokens(): void {
    for (const [index, waiters] of this.#acceptedAt) {
      const entry = this.#committed[index - 1]
      for (const { token, at } of waiters) {
        if (entry !== undefined && nameOf(entry) === at && this.#fates.get(token) === 'accepted') {
          this.#fates.set(token, 'committed')
        }
      }
    }
    const counts = new Set(this.#fates.values())
    expect(counts, 'no token is left without an outcome').not.toContain('pending')
    expect(counts).not.toContain('accepted')
  }

  #deliverOne(choice: number): void {
    const { network } = this.#cluster
    if (network.length === 0) return
    const at = choice < 25 ? 0 : this.#prng.below(network.length)
    const message = network[at]
    if (message === undefined) return
    if (choice !== 39) network.splice(at, 1)
    if (choice === 38) return
    this.#cluster.deliver(message)
  }

  #ask(member: Member, choice: number): void {
    this.#token += 1
    const token = this.#token
    this.#fates.set(token, 'pending')
    this.#owners.set(token, member.id)
    if (choice < 63) {
      const payload = new Uint8Array(this.#prng.below(60))
      this.#cluster.step(member, { kind: 'propose', token, payload })
    } else {
      this.#reads.set(token, this.#committed.length)
      const consistency = choice === 63 ? 'quorum' : 'lease'
      this.#cluster.step(member, { kind: 'read', token, consistency })
    }
  }

  #passTime(): void {
    const cluster = this.#cluster
    cluster.nowNs += this.#prng.below(this.#prng.below(20) === 0 ? 1e9 : 60e6)
    for (const member of cluster.members) {
      if (member.alive && member.core.deadlineNs <= cluster.nowNs) {
        cluster.step(member, { kind: 'wake' })
        this.#take(member)
      }
    }
  }

  /** Its tokens are settled by nobody: whoever asked has lost the connection. */
  #crash(member: Member): void {
    this.#take(member)
    this.#cluster.crash(member)
    this.#told[member.id - 1] = 0
    for (const [token, owner] of this.#owners) {
      const fate = this.#fates.get(token)
      if (owner === member.id && (fate === 'pending' || fate === 'accepted')) {
        this.#fates.set(token, 'lost')
      }
    }
  }

  #cut(member: Member): void {
    const { cutOff } = this.#cluster
    if (cutOff.has(member.id)) cutOff.delete(member.id)
    else if (cutOff.size < 2) cutOff.add(member.id)
  }

  #settle(): void {
    const cluster = this.#cluster
    for (let round = 0; round < 40; round += 1) {
      for (const member of cluster.members) {
        this.#take(member)
        cluster.persist(member)
        cluster.load(member)
      }
      for (const message of cluster.network.splice(0)) cluster.deliver(message)
    }
  }

  #take(member: Member): void {
    if (!member.alive) return
    const effects = this.#cluster.take(member)
    if (effects === undefined) return
    this.#checkElection(member)
    this.#checkCommitted(member)
    this.#checkAnswers(effects)
  }

  /** Election safety, and leader completeness: a new leader has all that was ever committed. */
  #checkElection({ id, core, written }: Member): void {
    const { term, role } = core.status
    if (role !== 'leader' || this.#leaders.get(term) === id) return
    expect(this.#leaders.has(term), `two leaders in term ${term}`).toBe(false)
    this.#leaders.set(term, id)
    const names = written.entries.slice(0, this.#committed.length).map(nameOf)
    expect(names, 'leader completeness').toEqual(this.#committed.map(nameOf))
  }

  #checkCommitted({ id, core, written }: Member): void {
    const told = this.#told[id - 1] ?? 0
    for (let index = told + 1; index <= core.commitIndex; index += 1) {
      const entry = written.entries[index - 1] as Entry
      const known = this.#committed[index - 1]
      if (known === undefined) this.#committed.push(entry)
      else expect(nameOf(entry), `entry ${index} is committed as`).toBe(nameOf(known))
    }
    this.#told[id - 1] = core.commitIndex
  }

  #checkAnswers(effects: Effects): void {
    for (const { firstIndex, term, tokens } of effects.accepted) {
      tokens.forEach((token, at) => {
        this.#settleToken(token, 'pending', 'accepted')
        const index = firstIndex + at
        const waiters = this.#acceptedAt.get(index) ?? []
        this.#acceptedAt.set(index, [...waiters, { token, at: `${term}/${index}` }])
      })
    }
    for (const { token } of effects.refused) this.#settleToken(token, 'pending', 'refused')
    for (const token of effects.lost) this.#settleToken(token, 'accepted', 'lost')
    for (const { token, index } of effects.readReady) {
      this.#settleToken(token, 'pending', 'committed')
      expect(index, 'a read misses no commit').toBeGreaterThanOrEqual(this.#reads.get(token) ?? 0)
    }
  }

  #settleToken(token: Token, from: Fate, to: Fate): void {
    expect(this.#fates.get(token), `token ${token} becomes ${to}`).toBe(from)
    this.#fates.set(token, to)
  }
}

const nameOf = ({ term, index }: Entry): string => `${term}/${index}`
