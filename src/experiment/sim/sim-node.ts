import { crc32c } from '../../base/crc32c.ts'
import { RaftmarkError } from '../../base/errors.ts'
import type { Prng } from '../../base/prng.ts'
import { GroupId, LogIndex, type NodeId } from '../../contract/types.ts'
import type { Entry, Message } from '../../replica/consensus/message.ts'
import type { Design } from '../../replica/engine/design.ts'
import { createEngine } from '../../replica/engine/engine.ts'
import type { Replica } from '../../replica/engine/replica.ts'
import { type LogFolder, type OpenedLog, openLog } from '../../replica/engine/separate-log.ts'
import { openStore } from '../../replica/store/open-store.ts'
import type { Store, StoreOptions } from '../../replica/store/store.ts'
import { VirtualDisk } from '../../replica/store/virtual-disk.ts'
import { walAdapter } from '../../replica/store/wal/wal-store.ts'
import type { Transport } from '../../replica/transport/transport.ts'
import { eventKinds } from './event-heap.ts'
import { NodeClock, worldClock } from './node-clock.ts'
import type { PlanTuning } from './plan.ts'
import type { ProtocolChecks } from './protocol-checks.ts'
import type { SimNetwork } from './sim-network.ts'
import { WatchedStore } from './watched-store.ts'
import { processDied, type World } from './world.ts'

export const GROUP = GroupId(0)
const MS = 1_000_000
const BATCH_BYTES_MAX = 1 << 20
/** Larger than any log of a simulated run: reads are cut by entries alone. */
const READ_BYTES_MAX = 1 << 30

/** A bit flips among the first bytes of a log that has at least so many entries. */
const FLIP_BYTES_MAX = 300
const FLIP_ENTRIES_MIN = 8

/** What a process leaves behind when it dies. */
export type Death = 'process' | 'power-all' | 'power-none' | 'power-some'

export type SimNodeOptions = {
  readonly world: World
  readonly checks: ProtocolChecks
  readonly network: SimNetwork
  readonly node: NodeId
  readonly voters: readonly NodeId[]
  readonly design: Design
  readonly tuning: PlanTuning
  readonly prng: Prng
  readonly onDeath: (node: NodeId) => void
}

/** A machine with a disk, and the process that runs the engine on it, life after life. */
export class SimNode {
  readonly node: NodeId
  readonly disk: VirtualDisk
  /** How fast its clock runs, also after a restart. */
  rate = 1
  /** A bit of what it had synced is flipped: it must not start again. */
  isDamaged = false
  /** Rises with each start. */
  life = 0
  clock: NodeClock
  replica: Replica | undefined
  /** Effects until the process dies; undefined: it does not. */
  #effectsLeft: number | undefined
  #deathAtEffect: Death = 'process'
  readonly #options: SimNodeOptions

  constructor(options: SimNodeOptions) {
    const { world, node, prng, tuning } = options
    this.node = node
    this.#options = options
    this.clock = new NodeClock(world, node, 1)
    this.disk = new VirtualDisk({
      clock: worldClock(world, node, eventKinds.disk),
      prng: prng.fork('disk'),
      syncNsMin: 100_000,
      syncNsMax: tuning.syncMsMax * MS,
      beforeOperation: () => this.#beforeEffect(),
    })
  }

  get isUp(): boolean {
    return this.replica !== undefined
  }

  /** Starts the process: its store recovers, then its engine runs. */
  start(): void {
    const { world, checks, network, node, voters, design, prng } = this.#options
    if (this.isUp) return
    this.life += 1
    this.clock = new NodeClock(world, node, this.rate)
    const opened = this.#open()
    if (opened === undefined) return
    const { store, separateLog } = opened
    world.note(() => `node ${node} starts: ${store.restored.lastIndex} entries`)
    checks.onRestored(node, store.restored, allEntries(store))
    const replica = createEngine({
      group: GROUP,
      node,
      voters,
      design,
      store: new WatchedStore(store, {
        world,
        checks,
        node,
        process: this.clock,
        beforeWrite: () => this.#beforeEffect(),
      }),
      separateLog,
      transport: this.#transport(),
      clock: this.clock,
      prng: prng.fork(`engine-${this.life}`),
      batchBytesMax: BATCH_BYTES_MAX,
    })
    this.replica = replica
    network.connect(node, (_, message) => replica.receive(message))
  }

  die(death: Death): void {
    const { world, checks, network, node } = this.#options
    if (!this.isUp) return
    checks.record(node).isLeader = false
    world.note(() => `node ${node} dies: ${death}`)
    this.replica = undefined
    this.#options.onDeath(node)
    this.#effectsLeft = undefined
    this.clock.die()
    world.forget(node)
    network.connect(node, undefined)
    if (death === 'process') this.disk.killProcesses()
    else
      this.disk.cutPower(death === 'power-all' ? 'all' : death === 'power-none' ? 'none' : 'some')
  }

  /** Dies just before one of its next effects: a write, a sync, a new name or a message. */
  dieAtEffect(effects: number | undefined, death: Death): void {
    if (!this.isUp) return
    this.#effectsLeft = effects
    this.#deathAtEffect = death
  }

  setRate(rate: number): void {
    this.rate = rate
    this.clock.setRate(rate)
  }

  /** Dies, and a bit of its first frames is another one then. Needs some frames behind them. */
  flipBit(dice: number): void {
    const { checks, node } = this.#options
    if (!this.isUp || checks.record(node).durable.length < FLIP_ENTRIES_MIN) return
    const [path] = this.disk.paths().filter((name) => name.endsWith('.wal'))
    if (path === undefined) return
    this.die('process')
    this.isDamaged = true
    this.disk.corrupt(path, (bytes) => {
      const at = dice % FLIP_BYTES_MAX
      bytes[at] = (bytes[at] as number) ^ (1 << ((dice >>> 16) % 8))
    })
  }

  /** Whether another node is kept from taking this one's directory for its own. */
  refusesStranger(): boolean {
    const { tuning, voters } = this.#options
    const stranger = voters.find((voter) => voter !== this.node)
    if (stranger === undefined || this.isUp) return true
    try {
      openStore(walAdapter(tuning), this.#storeOptions(stranger))
      return false
    } catch (error) {
      return error instanceof RaftmarkError && error.code === 'store-refused'
    }
  }

  /** No fault of disk or clock is left, and no death is planned. */
  heal(): void {
    const { faults } = this.disk
    faults.syncsToFail = 0
    faults.writesToFail = 0
    faults.slowSyncNs = 0
    faults.capacityBytes = Number.POSITIVE_INFINITY
    this.#effectsLeft = undefined
    this.setRate(1)
  }

  /** Leaves so much room on the disk as it is now. */
  fillDisk(freeBytes: number): void {
    this.disk.faults.capacityBytes = this.disk.bytes() + freeBytes
  }

  #open(): OpenedLog | undefined {
    const { world, node, tuning, design } = this.#options
    try {
      return openLog(design.layout, (folder) =>
        openStore(walAdapter(tuning), this.#storeOptions(node, folder)),
      )
    } catch (error) {
      if (!(error instanceof RaftmarkError)) throw error
      // A full disk or a flipped bit may keep a store from opening; nothing else may.
      if (error.code === 'store-refused' && !this.isDamaged)
        world.fail('store-recovery', error.message)
      world.note(() => `node ${node} does not start: ${error.message}`)
      return undefined
    }
  }

  #storeOptions(node: NodeId, folder: LogFolder = 'groups'): StoreOptions {
    return {
      directory: `${folder}/${GROUP}`,
      node,
      group: GROUP,
      durability: this.#options.tuning.durability,
      disk: this.disk,
      clock: this.clock,
      crc32c,
      syncDelayNs: 0,
    }
  }

  #beforeEffect(): void {
    if (!this.#isLastEffect()) return
    throw processDied
  }

  /** Counts down to the effect before which the process dies; true if it died now. */
  #isLastEffect(): boolean {
    if (this.#effectsLeft === undefined) return false
    this.#effectsLeft -= 1
    if (this.#effectsLeft > 0) return false
    this.die(this.#deathAtEffect)
    return true
  }

  #transport(): Transport {
    const { checks, network } = this.#options
    const { life } = this
    return {
      send: (group: GroupId, message: Message) => {
        if (this.life !== life || !this.isUp) return
        this.#beforeEffect()
        checks.onSend(message)
        network.send(group, message)
      },
      receive: () => {},
      close: () => {},
    }
  }
}

function allEntries(store: Store): readonly Entry[] {
  const { lastIndex, tail } = store.restored
  if (lastIndex === 0 || tail.length === lastIndex) return tail
  const entries: Entry[] = []
  while (entries.length < lastIndex) {
    const start = LogIndex(entries.length + 1)
    entries.push(...store.read(start, LogIndex(lastIndex + 1), READ_BYTES_MAX))
  }
  return entries
}
