import { InvariantError } from '../../base/assert.ts'
import { type Prng, prngFromSeed } from '../../base/prng.ts'
import { NodeId } from '../../contract/types.ts'
import { judgeHistory } from '../../judgement/check/judge-history.ts'
import type { HistoryLine } from '../../judgement/history/schema.ts'
import { eventKinds } from './event-heap.ts'
import { inject, type Target } from './inject.ts'
import { designOf, type Plan, timing } from './plan.ts'
import { ProtocolChecks, type ProtocolRules } from './protocol-checks.ts'
import { Recorder } from './recorder.ts'
import { OneShot, Producer, Reader, type SimClient } from './sim-clients.ts'
import { fetchRequest, SimConnection } from './sim-log-client.ts'
import { SimNetwork } from './sim-network.ts'
import { GROUP, SimNode } from './sim-node.ts'
import { type SimFailure, World } from './world.ts'

export type SimOutcome = {
  readonly failure: SimFailure | undefined
  readonly events: number
  readonly acknowledged: number
  readonly faults: number
  readonly virtualNs: number
  readonly hash: string
}

export type SimObserver = {
  /** A readable line for each thing that happens. */
  readonly onTrace?: (line: string) => void
  /** The history as it is written down. */
  readonly onHistory?: (line: HistoryLine) => void
}

/** After healing: how long nothing may succeed, in the world's time. */
const PROGRESS_NS = 15 * timing.electionNsMax
const STABLE_NS = 2 * timing.electionNsMax
const SUPERVISOR_NS = 300_000_000
const MS = 1_000_000
const READ_ALL_BYTES = 1 << 30

/** Lives the life that `plan` describes, with every check at every step. Same plan, same life. */
export function simulate(plan: Plan, observer: SimObserver = {}): SimOutcome {
  const run = new Run(plan, observer)
  try {
    run.live()
  } catch (error) {
    run.caught(error)
  }
  return run.outcome()
}

function rulesOf(plan: Plan): ProtocolRules {
  const { checkQuorum, disk, batching, clock } = designOf(plan)
  const neverWaits = disk.kind === 'overlap' && disk.votesAndTruncations === 'overlapped'
  const isOnTime = clock.kind === 'timers' && batching.handle === 'on-wake'
  const jumps = plan.faults.some(({ kind }) => kind === 'clock-jump' || kind === 'pause')
  return { checkQuorum, passesOverVotes: checkQuorum && neverWaits && isOnTime && !jumps }
}

class Run {
  readonly #plan: Plan
  readonly #world: World
  readonly #prng: Prng
  readonly #network: SimNetwork
  readonly #checks: ProtocolChecks
  readonly #recorder: Recorder
  /** By node id; place 0 is unused. */
  readonly #nodes: (SimNode | undefined)[] = [undefined]
  readonly #target: Target
  readonly #clients: SimClient[] = []
  /** The life of a node whose end is already planned. */
  readonly #supervised = new Map<number, number>()
  /** So many clients, from the first on, are done. */
  #clientsDone = 0
  #progressNs = 0
  #faults = 0

  constructor(plan: Plan, observer: SimObserver) {
    this.#plan = plan
    this.#world = new World(observer.onTrace)
    this.#prng = prngFromSeed(plan.seed).fork('life')
    this.#network = new SimNetwork(
      this.#world,
      this.#prng.fork('net'),
      plan.nodes,
      plan.tuning.linkMsMax * MS,
      (message) => this.#checks.onDelivery(message),
    )
    this.#checks = new ProtocolChecks(this.#world, plan.nodes, rulesOf(plan))
    this.#recorder = new Recorder(this.#world, plan.design, observer.onHistory)
    this.#target = {
      world: this.#world,
      network: this.#network,
      nodes: this.#nodes,
      leaderOr: (dice) => this.#leaderOr(dice),
      kill: (node, death) => node.die(death),
      restart: (node) => this.#restart(node),
      onAwake: (node) => this.#checks.onAwake(node.node),
    }
    this.#world.afterEvent = (node) => this.#afterEvent(node)
  }

  live(): void {
    this.#startNodes()
    this.#startClients()
    this.#planFaults()
    this.#endAll()
  }

  caught(error: unknown): void {
    const isAssertion = error instanceof InvariantError
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#world.fail(isAssertion ? 'assertion' : 'exception', text.split('\n', 9).join(' | '))
  }

  outcome(): SimOutcome {
    const { failure, eventCount, nowNs, hash } = this.#world
    return {
      failure,
      events: eventCount,
      acknowledged: this.#recorder.acknowledged,
      faults: this.#faults,
      virtualNs: nowNs,
      hash,
    }
  }

  #startNodes(): void {
    const { nodes, tuning } = this.#plan
    const voters = Array.from({ length: nodes }, (_, at) => NodeId(at + 1))
    for (const node of voters) {
      this.#nodes.push(
        new SimNode({
          world: this.#world,
          checks: this.#checks,
          network: this.#network,
          node,
          voters,
          design: designOf(this.#plan),
          tuning,
          prng: this.#prng.fork(`node-${node}`),
          onDeath: (dead) => this.#recorder.life(dead, 'crash'),
        }),
      )
    }
    for (const node of this.#nodes) node?.start()
    this.#nodes[1]?.replica?.campaign()
  }

  #startClients(): void {
    for (const planned of this.#plan.clients) {
      const options = this.#clientOptions(this.#clients.length + 1)
      const client =
        planned.kind === 'reader'
          ? new Reader(options, planned.reads)
          : planned.kind === 'one-shot'
            ? new OneShot(options, planned.batches)
            : new Producer(options, planned.window, planned.batches)
      this.#clients.push(client)
      client.start()
    }
  }

  #clientOptions(client: number) {
    return {
      world: this.#world,
      recorder: this.#recorder,
      client,
      connections: this.#nodes.map((node) =>
        node === undefined
          ? undefined
          : new SimConnection({ world: this.#world, network: this.#network, node }),
      ),
      onProgress: () => {
        this.#progressNs = this.#world.nowNs
      },
    }
  }

  #planFaults(): void {
    let endNs = 0
    for (const fault of this.#plan.faults) {
      endNs = Math.max(endNs, fault.atNs + fault.durationNs)
      this.#world.schedule(fault.atNs, eventKinds.fault, 0, () => {
        this.#faults += 1
        inject(this.#target, fault)
      })
    }
    this.#world.run(endNs + 1, () => false)
  }

  /** Heals, and asks for what every cluster owes its clients then: to elect, serve and agree. */
  #endAll(): void {
    this.#heal()
    this.#serve('liveness', 'no operation succeeds', () => this.#areClientsDone())
    // Before anything new is written: what earlier leaders left must be settled without it.
    this.#agree()
    this.#startLastClient()
    this.#serve('liveness', 'the healed cluster takes no new batch', () => this.#areClientsDone())
    this.#agree()
    if (this.#plan.watchStability) this.#stayStable()
    if (this.#world.failure === undefined) this.#judge()
  }

  #heal(): void {
    this.#world.note(() => `heal: ${this.#plan.ending}`)
    this.#network.heal()
    const isWhole = this.#nodes.every((node) => node?.isDamaged !== true)
    const healsAll = this.#plan.ending === 'heal-all' || !isWhole
    const doomed = healsAll ? 0 : Math.floor((this.#plan.nodes - 1) / 2)
    const first = this.#prng.fork('doomed').below(this.#plan.nodes)
    for (const node of this.#nodes) {
      if (node === undefined) continue
      this.#world.resume(node.node)
      this.#checks.onAwake(node.node)
      node.heal()
      const place = (node.node - 1 + this.#plan.nodes - first) % this.#plan.nodes
      if (place < doomed) node.die('process')
      else this.#restart(node)
    }
    this.#progressNs = this.#world.nowNs
  }

  /** Every client that is done has ended all that it began: one more batch shows that it can. */
  #startLastClient(): void {
    const last = new OneShot(this.#clientOptions(this.#clients.length + 1), [
      { gapNs: 0, records: 1 },
    ])
    this.#clients.push(last)
    last.start()
  }

  /** Runs until `isDone`; nothing may succeed for at most `PROGRESS_NS`. */
  #serve(check: string, what: string, isDone: () => boolean): void {
    const world = this.#world
    while (world.failure === undefined && !isDone()) {
      const limitNs = this.#progressNs + PROGRESS_NS
      world.run(limitNs, isDone)
      if (world.failure !== undefined || isDone()) return
      if (world.nowNs >= this.#progressNs + PROGRESS_NS) {
        world.fail(check, `${what} for ${PROGRESS_NS / 1e9} s after healing; ${this.#roles()}`)
      }
    }
  }

  #agree(): void {
    this.#progressNs = this.#world.nowNs
    this.#serve('convergence', 'the replicas do not agree', () => this.#isConverged())
  }

  /** Asked after every event; who is done stays done. */
  #areClientsDone(): boolean {
    while (this.#clients[this.#clientsDone]?.isDone) this.#clientsDone += 1
    return this.#clientsDone === this.#clients.length
  }

  /** Asked after every event; a node that is down leads nobody. */
  #isConverged(): boolean {
    let end = -1
    for (let node = 1; node < this.#nodes.length && end < 0; node += 1) {
      const record = this.#checks.record(node)
      if (record.isLeader) end = record.log.length
    }
    return end >= 0 && this.#nodes.every((node) => node === undefined || this.#isAt(node, end))
  }

  /** Whether the node has committed and applied exactly `end` entries; one that is down may lag. */
  #isAt({ node, replica }: SimNode, end: number): boolean {
    if (replica === undefined) return true
    const record = this.#checks.record(node)
    if (record.commitIndex !== end || record.log.length !== end) return false
    const { appliedIndex, failure } = replica.status()
    return appliedIndex === end && failure === undefined
  }

  #stayStable(): void {
    const before = this.#upNodes().map((node) => this.#checks.record(node.node).term)
    this.#world.run(this.#world.nowNs + STABLE_NS, () => false)
    const after = this.#upNodes().map((node) => this.#checks.record(node.node).term)
    if (after.some((term, at) => term !== before[at])) {
      const text = `terms ${before.join(',')} became ${after.join(',')} although nothing happened`
      this.#world.fail('stability', text)
    }
  }

  #judge(): void {
    for (const node of this.#upNodes()) this.#readBack(node)
    this.#world.run(this.#world.nowNs + MS, () => false)
    if (this.#world.failure !== undefined) return
    this.#tryStranger()
    const { checks, verdict } = judgeHistory(this.#recorder.finish())
    if (verdict !== 'invalid') return
    const broken = checks.filter((result) => result.verdict === 'invalid')
    const first = broken[0]
    if (first !== undefined) this.#world.fail(first.check, first.explanation)
  }

  /** The last act of one node: its disk is put into another machine. */
  #tryStranger(): void {
    const node = this.#nodes[1]
    if (node === undefined || !this.#plan.watchStability) return
    node.die('process')
    if (!node.refusesStranger()) {
      this.#world.fail('foreign-store', 'a node took the directory of another for its own')
    }
  }

  #readBack(node: SimNode): void {
    const request = fetchRequest(GROUP, 0, 'committed', READ_ALL_BYTES)
    node.replica?.fetch(request, (result) => {
      if (result.code === 'OK') this.#recorder.readBack(node.node, result.batches)
      else this.#world.fail('contract', `node ${node.node} does not read back: ${result.code}`)
    })
    this.#world.schedule(this.#world.nowNs, eventKinds.client, node.node, () => {})
  }

  #afterEvent(node: number): void {
    const replica = this.#nodes[node]?.replica
    if (replica === undefined) return
    const status = replica.status()
    this.#checks.onStatus(node, status)
    if (status.failure !== undefined) this.#superviseFailed(node)
  }

  /** A process whose store failed serves no more; after a while its supervisor starts another. */
  #superviseFailed(id: number): void {
    const node = this.#nodes[id]
    if (node === undefined || this.#supervised.get(id) === node.life) return
    const { life } = node
    this.#supervised.set(id, life)
    this.#world.schedule(this.#world.nowNs + SUPERVISOR_NS, eventKinds.fault, 0, () => {
      if (node.life === life && node.isUp) node.die('process')
      this.#restart(node)
    })
  }

  #restart(node: SimNode): void {
    if (node.isUp) return
    node.start()
    if (node.isUp) this.#recorder.life(node.node, 'restart')
  }

  #upNodes(): readonly SimNode[] {
    return this.#nodes.filter((node) => node !== undefined).filter((node) => node.isUp)
  }

  #leaderOr(dice: number): SimNode {
    let found: SimNode | undefined
    let term = -1
    for (const node of this.#upNodes()) {
      const record = this.#checks.record(node.node)
      if (record.isLeader && record.term > term) {
        found = node
        term = record.term
      }
    }
    return found ?? (this.#nodes[1 + (dice % this.#plan.nodes)] as SimNode)
  }

  #roles(): string {
    return this.#nodes
      .filter((node) => node !== undefined)
      .map(({ node, replica }) => {
        if (replica === undefined) return `node ${node} down`
        const { role, term, commitIndex, failure } = replica.status()
        return `node ${node} ${failure ?? role} term ${term} commit ${commitIndex}`
      })
      .join(', ')
  }
}
