import { assert } from '../../base/assert.ts'
import type { Timer } from '../../base/clock.ts'
import type { Code } from '../../contract/codes.ts'
import type {
  FetchRequest,
  FetchResult,
  ProduceRequest,
  ProduceResult,
} from '../../contract/log-client.ts'
import { type GroupId, LogIndex } from '../../contract/types.ts'
import type { Input, RaftCore } from '../consensus/core.ts'
import type { Effects, Persist, Refusal } from '../consensus/effects.ts'
import type { Entry, Message } from '../consensus/message.ts'
import { createRaftCore } from '../consensus/raft-core.ts'
import { PartitionLog } from '../log/partition-log.ts'
import { codeOfRefusal } from './code-of-refusal.ts'
import type { EngineOptions } from './engine-options.ts'
import { faultOfRequest } from './fault-of-request.ts'
import { Fetches } from './fetches.ts'
import { HeldMessages } from './held-messages.ts'
import { createPace, type Pace } from './pace.ts'
import { type PendingFetch, PendingOperations } from './pending-operations.ts'
import { Proposals } from './proposals.ts'
import type { Replica, ReplicaCounters, ReplicaStatus } from './replica.ts'
import { StoredEntries } from './stored-entries.ts'
import { validateDesign } from './validate-design.ts'

/** Entries kept in memory beyond what is durable and applied: the tail that followers miss. */
const CACHE_BYTES_MAX = 8 << 20
/** Uncommitted bytes beyond which proposals are refused: without a quorum nothing may grow. */
const UNCOMMITTED_BYTES_MAX = 64 << 20
/** Entries applied before other work gets a turn: after a restart there may be millions. */
const APPLY_ENTRIES_MAX = 8_192
const APPLY_BYTES_MAX = 8 << 20
/** How exact timeouts and long polls are. */
const SWEEP_NS = 20_000_000

export const createEngine = (options: EngineOptions): Replica => new Engine(options)

/**
 * Drives the protocol core over store, transport and clock. What distinguishes the designs is here
 * and nowhere else: when inputs are taken in, and what is waited for meanwhile.
 */
class Engine implements Replica {
  readonly group: GroupId
  readonly #options: EngineOptions
  readonly #core: RaftCore
  readonly #log = new PartitionLog()
  readonly #pace: Pace
  readonly #pending = new PendingOperations()
  readonly #proposals: Proposals
  readonly #fetches: Fetches
  readonly #held: HeldMessages
  readonly #stored: StoredEntries
  /** Reads that the core has confirmed and that wait for entries to be applied. */
  #confirmedReads: { readonly index: LogIndex; readonly fetch: PendingFetch }[] = []
  #inbox: Input[] = []
  #scheduled = false
  /** When the burst that is being gathered began. */
  #burstNs = 0
  #tickSeen = false
  /** The write that input waits for; 0 when it waits for none. Axis B. */
  #blockedBy = 0
  #persistedId = 0
  #persistedStepped = 0
  #appliedIndex = LogIndex(0)
  #sweep: Timer | undefined
  #failure: string | undefined
  #closed = false
  readonly #watchers = new Set<(status: ReplicaStatus) => void>()
  readonly #counts = { produced: 0, campaigns: 0, takes: 0, entriesPersisted: 0 }

  constructor(options: EngineOptions) {
    const { design, clock, prng, store, separateLog } = options
    validateDesign(design)
    assert((design.layout === 'separate-log') === !!separateLog, 'the layout needs its log')
    this.group = options.group
    this.#options = options
    this.#pace = createPace({
      choice: design.clock,
      clock,
      prng: prng.fork('tick-phase'),
      onWake: () => {
        this.#tickSeen = true
        this.#schedule()
      },
    })
    this.#core = createRaftCore({
      id: options.node,
      voters: options.voters,
      timing: design.timing,
      window: design.window,
      leaderDisk: design.leaderDisk,
      preVote: design.preVote,
      checkQuorum: design.checkQuorum,
      cacheBytesMax: CACHE_BYTES_MAX,
      uncommittedBytesMax: UNCOMMITTED_BYTES_MAX,
      prng: prng.fork('core'),
      restored: store.restored,
      committedIndex: separateLog?.committedIndex ?? LogIndex(0),
      nowNs: this.#pace.nowNs(),
    })
    this.#proposals = new Proposals(design.batching, clock, () => this.#schedule())
    this.#held = new HeldMessages((message) => options.transport.send(options.group, message))
    this.#stored = new StoredEntries(store, (reason) => this.#fail(reason))
    this.#fetches = new Fetches({
      log: this.#log,
      read: (start, end, bytesMax) => this.#entries(start, end, bytesMax),
      leader: () => this.#core.status.leader,
      isEstablishedLeader: () => this.#isEstablishedLeader(),
    })
    this.#schedule()
  }

  produce(request: ProduceRequest, done: (result: ProduceResult) => void): void {
    const refusal = this.#refusalOf(request)
    if (refusal !== undefined) {
      const { term, leader } = this.#core.status
      const result = { code: refusal, baseOffset: undefined, term, index: undefined, leader }
      this.#options.clock.defer(() => done(result))
      return
    }
    this.#counts.produced += 1
    this.#schedule()
    const deadlineNs = this.#burstNs + request.timeoutMs * 1e6
    this.#proposals.add(this.#pending.addProduce(done, deadlineNs), request.batch)
    this.#armSweep()
  }

  fetch(request: FetchRequest, done: (result: FetchResult) => void): void {
    const { clock } = this.#options
    const deadlineNs = clock.nowNs() + request.waitMsMax * 1e6
    const fetch = { request, done, deadlineNs }
    if (this.#failure !== undefined || this.#closed) {
      clock.defer(() => done(this.#fetches.answer(this.#endedCode(), [])))
    } else if (request.consistency === 'committed') {
      clock.defer(() => this.#serve(fetch))
    } else {
      const consistency = request.consistency === 'lease' ? 'lease' : 'quorum'
      this.#input({ kind: 'read', token: this.#pending.addRead(fetch), consistency })
    }
  }

  receive(message: Message): void {
    this.#input({ kind: 'message', message })
  }

  campaign(): void {
    this.#input({ kind: 'campaign' })
  }

  status(): ReplicaStatus {
    // Field by field: the simulator asks after every event, and a spread costs ten times as much.
    const { term, role, leader } = this.#core.status
    return {
      term,
      role,
      leader,
      commitIndex: this.#core.commitIndex,
      appliedIndex: this.#appliedIndex,
      logEndOffset: this.#log.highWatermark,
      highWatermark: this.#log.highWatermark,
      failure: this.#failure,
    }
  }

  counters(): ReplicaCounters {
    return { ...this.#options.store.counters, ...this.#counts, messagesSent: this.#held.sent }
  }

  watch(listener: (status: ReplicaStatus) => void): () => void {
    this.#watchers.add(listener)
    return () => this.#watchers.delete(listener)
  }

  close(done: (error?: Error) => void): void {
    this.#end()
    this.#options.store.close(done)
  }

  #refusalOf(request: ProduceRequest): Code | undefined {
    if (this.#failure !== undefined || this.#closed) return this.#endedCode()
    return faultOfRequest(request, this.#options.batchBytesMax, this.#pending.produces)
  }

  #input(input: Input): void {
    if (this.#failure !== undefined || this.#closed) return
    this.#inbox.push(input)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    // One look at the clock for all that one burst brings.
    this.#burstNs = this.#options.clock.nowNs()
    this.#options.clock.defer(this.#run)
  }

  readonly #run = (): void => {
    this.#scheduled = false
    if (this.#failure !== undefined || this.#closed) return
    // Axis E: a polled host looks at anything only when its tick comes.
    if (this.#options.design.batching.handle === 'on-tick' && !this.#tickSeen) return
    this.#tickSeen = false
    while (this.#blockedBy === 0 && this.#stepAll()) {
      const effects = this.#core.take()
      if (effects === undefined) break
      this.#counts.takes += 1
      this.#handle(effects)
      if (this.#failure !== undefined) return
    }
    this.#apply()
    const failure = this.#options.separateLog?.writeThrough(this.#core.durableIndex)
    if (failure !== undefined) this.#fail(failure)
    this.#serveConfirmedReads()
    this.#pace.arm(this.#core.deadlineNs)
  }

  /** Hands the core all that has come, in one go; whether there was anything. */
  #stepAll(): boolean {
    const core = this.#core
    let stepped = this.#pace.takeWake()
    const nowNs = this.#pace.nowNs()
    if (stepped) core.step({ kind: 'wake' }, nowNs)
    if (this.#persistedStepped !== this.#persistedId) {
      this.#persistedStepped = this.#persistedId
      core.step({ kind: 'persisted', id: this.#persistedId }, nowNs)
      stepped = true
    }
    if (this.#inbox.length > 0) {
      const inbox = this.#inbox
      this.#inbox = []
      for (const input of inbox) core.step(input, nowNs)
      stepped = true
    }
    return this.#proposals.stepInto(core, nowNs) || stepped
  }

  #handle(effects: Effects): void {
    const { transport } = this.#options
    for (const { token, reason } of effects.refused) this.#refuse(token, reason)
    for (const { firstIndex, term, tokens } of effects.accepted) {
      this.#pending.accepted(firstIndex, term, tokens)
    }
    const { term, leader } = this.#core.status
    for (const token of effects.lost) this.#pending.settle(token, 'LEADERSHIP_LOST', term, leader)
    for (const message of effects.send) transport.send(this.group, message)
    this.#held.countSent(effects.send.length)
    for (const { persistId, messages } of effects.sendAfterPersist) {
      this.#held.hold(persistId, messages)
    }
    if (effects.persist !== undefined) this.#persist(effects.persist)
    this.#held.release(this.#persistedId)
    for (const load of effects.load) this.#load(load)
    for (const { token, index } of effects.readReady) {
      const fetch = this.#pending.takeRead(token)
      if (fetch !== undefined) this.#confirmedReads.push({ index, fetch })
    }
    if (effects.status !== undefined) this.#announce(effects.status.role)
    this.#apply()
    this.#serveConfirmedReads()
  }

  #persist(persist: Persist): void {
    const { disk } = this.#options.design
    const inline =
      disk.kind === 'overlap' &&
      disk.votesAndTruncations === 'inline' &&
      (persist.hardState !== undefined || persist.truncateFrom !== undefined)
    if (disk.kind === 'lockstep' || inline) this.#blockedBy = persist.id
    this.#counts.entriesPersisted += persist.entries.length
    this.#options.store.persist(persist, (error) => this.#persisted(persist.id, error))
  }

  #persisted(id: number, error: Error | undefined): void {
    if (this.#closed || this.#failure !== undefined) return
    if (error !== undefined) {
      this.#fail(`store: ${error.message}`)
      return
    }
    this.#persistedId = id
    if (this.#blockedBy === id) this.#blockedBy = 0
    this.#held.release(id)
    this.#schedule()
  }

  #load(load: Effects['load'][number]): void {
    const entries = this.#stored.read(load.firstIndex, LogIndex(load.lastIndex + 1), load.bytesMax)
    if (entries.length > 0) this.#input({ kind: 'loaded', to: load.to, entries })
  }

  /** Gives committed entries to the partition and answers who waited for them. */
  #apply(): void {
    const { batching } = this.#options.design
    const { commitIndex, durableIndex } = this.#core
    const target =
      batching.apply === 'before-local-sync' ? commitIndex : Math.min(commitIndex, durableIndex)
    if (this.#appliedIndex >= target) return
    const last = Math.min(target, this.#appliedIndex + APPLY_ENTRIES_MAX)
    const entries = this.#entries(
      LogIndex(this.#appliedIndex + 1),
      LogIndex(last + 1),
      APPLY_BYTES_MAX,
    )
    const { leader } = this.#core.status
    for (const entry of entries) {
      const applied = this.#log.apply(entry)
      this.#pending.applied(entry.index, entry.term, applied, leader)
    }
    this.#options.separateLog?.applied(entries)
    this.#appliedIndex = this.#log.appliedIndex
    this.#core.step({ kind: 'applied', index: this.#appliedIndex }, this.#pace.nowNs())
    this.#fetches.wake(this.#options.clock.nowNs())
    if (this.#appliedIndex < target) this.#schedule()
  }

  #entries(start: LogIndex, end: LogIndex, bytesMax: number): readonly Entry[] {
    return this.#core.entries(start, end) ?? this.#stored.read(start, end, bytesMax)
  }

  #serveConfirmedReads(): void {
    if (this.#confirmedReads.length === 0) return
    const reads = this.#confirmedReads
    if (this.#closed) {
      this.#confirmedReads = []
      for (const { fetch } of reads) fetch.done(this.#fetches.answer(this.#endedCode(), []))
      return
    }
    this.#confirmedReads = reads.filter(({ index }) => index > this.#appliedIndex)
    for (const { index, fetch } of reads) if (index <= this.#appliedIndex) this.#serve(fetch)
  }

  #serve(fetch: PendingFetch): void {
    this.#fetches.serve(fetch, this.#options.clock.nowNs())
    if (this.#fetches.parked > 0) this.#armSweep()
  }

  #refuse(token: number, reason: Refusal): void {
    const fetch = this.#pending.takeRead(token)
    const code = codeOfRefusal[reason]
    if (fetch !== undefined) {
      fetch.done(this.#fetches.answer(code, []))
      return
    }
    const { term, leader } = this.#core.status
    this.#pending.settle(token, code, term, leader)
  }

  /** Whether this leader has applied all that earlier leaders can have committed. Thesis §6.4. */
  #isEstablishedLeader(): boolean {
    const { role, term } = this.#core.status
    return role === 'leader' && this.#core.termAt(this.#appliedIndex) === term
  }

  #announce(role: ReplicaStatus['role']): void {
    if (role === 'candidate') this.#counts.campaigns += 1
    const status = this.status()
    for (const watcher of this.#watchers) watcher(status)
  }

  #armSweep(): void {
    if (this.#sweep !== undefined) return
    const { clock } = this.#options
    this.#sweep = clock.wakeAt(clock.nowNs() + SWEEP_NS, () => {
      this.#sweep = undefined
      const nowNs = clock.nowNs()
      const { term, leader } = this.#core.status
      this.#pending.timeOut(nowNs, term, leader)
      this.#fetches.wake(nowNs)
      if (this.#pending.produces > 0 || this.#fetches.parked > 0) this.#armSweep()
    })
  }

  /** The store failed: nobody knows what is durable, so this replica answers nothing any more. */
  #fail(reason: string): void {
    if (this.#failure !== undefined) return
    this.#failure = reason
    this.#end()
    this.#announce('follower')
  }

  #endedCode(): Code {
    return this.#failure === undefined ? 'LEADERSHIP_LOST' : 'STORAGE_FAILED'
  }

  #end(): void {
    this.#closed = true
    this.#pace.stop()
    this.#sweep?.cancel()
    const code = this.#endedCode()
    this.#pending.failAll(code, this.#core.status.term)
    for (const fetch of this.#pending.takeAllReads()) fetch.done(this.#fetches.answer(code, []))
    this.#serveConfirmedReads()
    this.#fetches.failAll(code)
  }
}
