import { eventKinds } from './event-heap.ts'
import type { PlannedFault } from './plan.ts'
import type { FaultKind } from './scenario.ts'
import type { SimNetwork } from './sim-network.ts'
import type { Death, SimNode } from './sim-node.ts'
import type { World } from './world.ts'

export type Target = {
  readonly world: World
  readonly network: SimNetwork
  /** By node id; place 0 is unused. */
  readonly nodes: readonly (SimNode | undefined)[]
  /** Whoever leads in the highest term now; a node chosen by `dice` if nobody does. */
  readonly leaderOr: (dice: number) => SimNode
  readonly kill: (node: SimNode, death: Death) => void
  readonly restart: (node: SimNode) => void
  /** A process that was stopped goes on. */
  readonly onAwake: (node: SimNode) => void
}

type Injection = (target: Target, node: SimNode, fault: PlannedFault) => () => void

const powerLosses: readonly Death[] = ['power-all', 'power-some', 'power-some', 'power-none']
const EFFECTS_MAX = 12
const FREE_BYTES_MAX = 400
const JUMP_NS_MAX = 3_000_000_000
/** Together with timers alone this stays within the margin of a lease. */
const RATE_DEVIATION = 0.04
const SLOW_SYNC_NS = 400_000_000
const SLOW_LINK_NS = 1_200_000_000
const LOST_REPLIES_RATIO = 0.7
const ECHO_NS_MAX = 4_000_000_000

/** Starts a fault and plans its end. */
export function inject(target: Target, fault: PlannedFault): void {
  const { world } = target
  const node = fault.node === 0 ? target.leaderOr(fault.dice) : target.nodes[fault.node]
  if (node === undefined) return
  world.note(() => `fault ${fault.kind} on node ${node.node}`)
  const end = injections[fault.kind](target, node, fault)
  world.schedule(world.nowNs + fault.durationNs, eventKinds.fault, 0, () => {
    world.note(() => `fault ${fault.kind} on node ${node.node} ends`)
    end()
  })
}

const nothing = (): void => {}

const powerLoss = (dice: number): Death =>
  powerLosses[(dice >>> 8) % powerLosses.length] ?? 'power-some'

const injections: Readonly<Record<FaultKind, Injection>> = {
  crash: (target, node) => {
    target.kill(node, 'process')
    return () => target.restart(node)
  },
  'crash-at-effect': (target, node, { dice }) => {
    const death = (dice & 1) === 0 ? 'process' : powerLoss(dice)
    node.dieAtEffect(1 + (dice % EFFECTS_MAX), death)
    return () => {
      node.dieAtEffect(undefined, death)
      target.restart(node)
    }
  },
  'power-cut': (target, node, { dice }) => {
    target.kill(node, powerLoss(dice))
    return () => target.restart(node)
  },
  'power-cut-all': (target, _, { dice }) => {
    for (const node of target.nodes) if (node !== undefined) target.kill(node, powerLoss(dice))
    return () => {
      for (const node of target.nodes) if (node !== undefined) target.restart(node)
    }
  },
  pause: (target, node) => {
    const { world } = target
    world.pause(node.node)
    return () => {
      target.onAwake(node)
      world.resume(node.node)
    }
  },
  isolate: (target, node) => {
    setCuts(target, node, true, true)
    return () => setCuts(target, node, false, true)
  },
  'one-way': (target, node, { dice }) => {
    const [hears, speaks] = (dice & 1) === 0 ? [true, false] : [false, true]
    setOneWay(target, node, hears, speaks)
    return () => setCuts(target, node, false, true)
  },
  split: (target, node, { dice }) => {
    setSplit(target, node, dice, true)
    return () => setSplit(target, node, dice, false)
  },
  lossy: (target, _, { dice }) => {
    setLossy(target, (1 + (dice % 4)) / 10, (dice >>> 4) % 2 === 0 ? 0.3 : 0)
    return () => setLossy(target, 0, 0)
  },
  'slow-link': (target, node, { dice }) => {
    setDelay(target, node, dice % SLOW_LINK_NS)
    return () => setDelay(target, node, 0)
  },
  echoes: (target, node) => {
    setEchoes(target, node, ECHO_NS_MAX)
    return () => setEchoes(target, node, 0)
  },
  'lost-replies': ({ network }, node) => {
    network.lostReplies[node.node] = LOST_REPLIES_RATIO
    return () => {
      network.lostReplies[node.node] = 0
    }
  },
  'slow-sync': (_, node, { dice }) => {
    node.disk.faults.slowSyncNs = dice % SLOW_SYNC_NS
    return () => {
      node.disk.faults.slowSyncNs = 0
    }
  },
  'failed-sync': (_, node) => {
    node.disk.faults.syncsToFail = 1
    return () => {
      node.disk.faults.syncsToFail = 0
    }
  },
  'disk-full': (target, node, { dice }) => {
    node.fillDisk(dice % FREE_BYTES_MAX)
    return () => {
      node.disk.faults.capacityBytes = Number.POSITIVE_INFINITY
      target.restart(node)
    }
  },
  'clock-rate': (_, node, { dice }) => {
    const deviation = (((dice % 1024) - 512) / 512) * RATE_DEVIATION
    node.setRate(1 + deviation)
    return () => node.setRate(1)
  },
  'clock-jump': (_, node, { dice }) => {
    node.clock.jump(dice % JUMP_NS_MAX)
    return nothing
  },
  campaign: (_, node) => {
    node.replica?.campaign()
    return nothing
  },
  'bit-flip': (target, node, { dice }) => {
    // A majority must stay able to go on, or the cluster has every right to stand still.
    const lost = target.nodes.filter((other) => other?.isDamaged).length
    if (2 * (lost + 1) < target.nodes.length - 1) node.flipBit(dice)
    return () => target.restart(node)
  },
}

function othersOf({ nodes }: Target, node: SimNode): readonly SimNode[] {
  return nodes.filter((other) => other !== undefined).filter((other) => other !== node)
}

function setCuts(target: Target, node: SimNode, isCut: boolean, bothWays: boolean): void {
  for (const other of othersOf(target, node)) {
    target.network.link(other.node, node.node).isCut = isCut
    if (bothWays) target.network.link(node.node, other.node).isCut = isCut
  }
}

function setOneWay(target: Target, node: SimNode, hears: boolean, speaks: boolean): void {
  for (const other of othersOf(target, node)) {
    target.network.link(other.node, node.node).isCut = !hears
    target.network.link(node.node, other.node).isCut = !speaks
  }
}

/** Two halves by the bits of `dice`; the node itself, at times, sees both. */
function setSplit(target: Target, bridge: SimNode, dice: number, isCut: boolean): void {
  const hasBridge = (dice >>> 16) % 3 === 0
  const all = [bridge, ...othersOf(target, bridge)]
  for (const a of all) {
    for (const b of all) {
      if (a === b || (hasBridge && (a === bridge || b === bridge))) continue
      const sideOfA = (dice >>> a.node) & 1
      const sideOfB = (dice >>> b.node) & 1
      if (sideOfA !== sideOfB) target.network.link(a.node, b.node).isCut = isCut
    }
  }
}

function setLossy(target: Target, lossRatio: number, repeatRatio: number): void {
  for (const a of target.nodes) {
    for (const b of target.nodes) {
      if (a === undefined || b === undefined || a === b) continue
      const link = target.network.link(a.node, b.node)
      link.lossRatio = lossRatio
      link.repeatRatio = repeatRatio
      link.reorders = repeatRatio > 0
    }
  }
}

function setDelay(target: Target, node: SimNode, extraNs: number): void {
  for (const other of othersOf(target, node)) {
    target.network.link(node.node, other.node).extraNs = extraNs
    target.network.link(other.node, node.node).extraNs = extraNs
  }
}

function setEchoes(target: Target, node: SimNode, echoNsMax: number): void {
  for (const other of othersOf(target, node)) {
    target.network.link(node.node, other.node).echoNsMax = echoNsMax
    target.network.link(other.node, node.node).echoNsMax = echoNsMax
  }
}
