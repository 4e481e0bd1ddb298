import { type Prng, prngFromSeed } from '../../base/prng.ts'
import type { Design } from '../../replica/engine/design.ts'
import { designNamed } from '../../replica/engine/designs.ts'
import { type Axes, drawAxes } from './axes.ts'
import type { FaultKind, Range, Scenario } from './scenario.ts'

/**
 * All that a seed decided before anything happened. What happens later is decided by the seed's
 * other streams; a plan can be cut down and run again, which is how failures are shrunk.
 */
export type Plan = {
  readonly scenario: string
  readonly seed: number
  readonly nodes: number
  readonly design: string
  readonly axes: Axes
  readonly tuning: PlanTuning
  readonly faults: readonly PlannedFault[]
  readonly clients: readonly PlannedClient[]
  /** After the faults all nodes live again, or a majority alone. */
  readonly ending: 'heal-all' | 'heal-majority'
  /** Whether leadership must then stay where it is for two election timeouts. */
  readonly watchStability: boolean
}

/** Choices below the design: sizes that make rare paths common. */
export type PlanTuning = {
  readonly segmentBytesMax: number
  readonly preallocatedBytes: number
  readonly recentBytesMax: number
  readonly durability: 'D2' | 'D3'
  readonly syncMsMax: number
  readonly linkMsMax: number
  readonly windowMessages: number
  readonly messageEntries: number
}

export type PlannedFault = {
  readonly kind: FaultKind
  readonly atNs: number
  readonly durationNs: number
  /** 0: whoever leads then. */
  readonly node: number
  /** What else the kind needs: which half, how fast, how many effects. In [0, 2^32). */
  readonly dice: number
}

export type PlannedClient =
  | { readonly kind: 'producer'; readonly window: number; readonly batches: readonly Batch[] }
  /** Sends once: what may have happened is not sent again. */
  | { readonly kind: 'one-shot'; readonly batches: readonly Batch[] }
  | { readonly kind: 'reader'; readonly reads: readonly Read[] }

export type Batch = { readonly gapNs: number; readonly records: number }
export type Read = {
  readonly gapNs: number
  readonly consistency: 'linearizable' | 'lease' | 'committed'
  /** 0: whoever is believed to lead. */
  readonly node: number
}

export const timing = {
  heartbeatNs: 100_000_000,
  electionNsMin: 500_000_000,
  electionNsMax: 1_000_000_000,
}

const MS = 1_000_000

export function planOf(scenario: Scenario, seed: number): Plan {
  const prng = prngFromSeed(seed)
  const draw = prng.fork('plan')
  const nodes = oneOf(draw, scenario.nodes)
  const design = oneOf(draw, scenario.designs)
  const axes = scenario.axes === 'drawn' ? drawAxes(prng.fork('axes')) : scenario.axes
  const faults = faultsOf(scenario, nodes, prng.fork('faults'))
  const clients = clientsOf(scenario, nodes, prng.fork('clients'))
  return {
    scenario: scenario.name,
    seed,
    nodes,
    design,
    axes,
    tuning: tuningOf(prng.fork('tuning')),
    faults,
    clients: keepsLeases(design, axes, faults) ? clients : clients.map(withoutLeases),
    ending: draw.below(3) === 0 ? 'heal-majority' : 'heal-all',
    watchStability: draw.below(4) === 0,
  }
}

/** The design with the sizes of the plan: small windows make every path common. */
export function designOf(plan: Plan): Design {
  const design = { ...designNamed(plan.design, timing), ...plan.axes }
  const { windowMessages, messageEntries } = plan.tuning
  const { messagesMax, messageEntriesMax } = design.window
  return {
    ...design,
    window: {
      ...design.window,
      messagesMax: Math.min(messagesMax, windowMessages),
      messageEntriesMax: Math.min(messageEntriesMax, messageEntries),
    },
  }
}

/**
 * A lease counts on clocks that keep the margin. A clock that jumps does not; nor does a design
 * that drops ticks, whose time stands still while its process does.
 */
function keepsLeases(design: string, axes: Axes, faults: readonly PlannedFault[]): boolean {
  const jumps = faults.some((fault) => fault.kind === 'clock-jump')
  const clock = axes.clock ?? designNamed(design, timing).clock
  return !jumps && clock.kind === 'timers'
}

function withoutLeases(client: PlannedClient): PlannedClient {
  if (client.kind !== 'reader') return client
  const reads = client.reads.map(
    (read): Read =>
      read.consistency === 'lease' ? { ...read, consistency: 'linearizable' } : read,
  )
  return { ...client, reads }
}

function tuningOf(prng: Prng): PlanTuning {
  const durability = oneOf(prng, ['D2', 'D2', 'D3'] as const)
  return {
    segmentBytesMax: oneOf(prng, [600, 2_048, 65_536]),
    preallocatedBytes: oneOf(prng, [0, 512, 4_096]),
    recentBytesMax: oneOf(prng, [0, 200, 1 << 20]),
    durability,
    // One sync for each of many retries takes longer than clients wait, if each takes long.
    syncMsMax: durability === 'D3' ? oneOf(prng, [1, 5]) : oneOf(prng, [1, 5, 50]),
    linkMsMax: oneOf(prng, [1, 5, 60]),
    windowMessages: oneOf(prng, [1, 2, 8, 256]),
    messageEntries: oneOf(prng, [1, 2, 64]),
  }
}

function faultsOf(scenario: Scenario, nodes: number, prng: Prng): readonly PlannedFault[] {
  const kinds = scenario.swarm
    ? scenario.faults.filter(() => prng.below(3) > 0)
    : [...scenario.faults]
  const possible = kinds.length === 0 ? scenario.faults : kinds
  const faults: PlannedFault[] = []
  let atNs = 200 * MS
  for (let left = drawn(prng, scenario.faultCount); left > 0; left -= 1) {
    atNs += drawn(prng, scenario.faultGapMs) * MS
    const seeksLeader = prng.ratio() < scenario.leaderBias
    faults.push({
      kind: oneOf(prng, possible),
      atNs,
      durationNs: drawn(prng, scenario.faultMs) * MS,
      node: seeksLeader ? 0 : 1 + prng.below(nodes),
      dice: prng.below(2 ** 32),
    })
  }
  return faults
}

function clientsOf(scenario: Scenario, nodes: number, prng: Prng): readonly PlannedClient[] {
  const count = drawn(prng, scenario.clients)
  return Array.from({ length: count + 1 }, (_, at): PlannedClient => {
    const operations = drawn(prng, scenario.operationsPerClient)
    if (at === count) return { kind: 'reader', reads: readsOf(scenario, operations, nodes, prng) }
    const batches = Array.from({ length: operations }, () => ({
      gapNs: drawn(prng, scenario.operationGapMs) * MS,
      records: 1 + (prng.below(3) === 0 ? prng.below(3) : 0),
    }))
    if (prng.below(3) === 0) return { kind: 'one-shot', batches }
    return { kind: 'producer', window: 1 + prng.below(4), batches }
  })
}

function readsOf(scenario: Scenario, count: number, nodes: number, prng: Prng): readonly Read[] {
  return Array.from({ length: count }, () => ({
    gapNs: drawn(prng, scenario.operationGapMs) * MS,
    consistency: oneOf(prng, ['linearizable', 'linearizable', 'lease', 'committed'] as const),
    node: prng.below(2) === 0 ? 0 : 1 + prng.below(nodes),
  }))
}

const drawn = (prng: Prng, [min, max]: Range): number => min + prng.below(max - min + 1)

function oneOf<T>(prng: Prng, choices: readonly T[]): T {
  return choices[prng.below(choices.length)] as T
}
