import { RaftmarkError } from '../../base/errors.ts'
import { designNames } from '../../replica/engine/designs.ts'
import { type Axes, axisValues } from './axes.ts'

/** Everything that can go wrong in the simulated world, and what it means. */
const faultKinds = {
  crash: 'a process dies and starts again; what it wrote stays in the page cache',
  'crash-at-effect': 'the same, just before its next write, sync or message',
  'power-cut': 'a machine dies; what no sync has covered is lost, torn or reordered',
  'power-cut-all': 'all machines die at once',
  pause: 'a process stops for a while and goes on',
  isolate: 'a node is cut off from all others, both ways',
  'one-way': 'a node cannot hear the others, or not be heard',
  split: 'the nodes fall into two halves; sometimes one node sees both',
  lossy: 'all links lose, repeat and reorder messages',
  'slow-link': 'the links of a node delay messages beyond the election timeout',
  'lost-replies': 'clients do not hear the answers of a node',
  'slow-sync': 'every sync of a node takes long',
  'failed-sync': 'a sync fails, and what it should have covered is lost',
  'disk-full': 'a disk is full for a while',
  'clock-rate': 'the clock of a node runs fast or slow, within what leases allow for',
  'clock-jump': 'the clock of a node jumps ahead',
  campaign: 'a node is told to campaign',
  'bit-flip': 'a bit of what a node has synced flips; the node must notice and stay down',
  echoes: 'messages arrive a second time, up to seconds after the first',
} as const

export type FaultKind = keyof typeof faultKinds

/** Inclusive; a seed draws from it uniformly. */
export type Range = readonly [min: number, max: number]

/** What a seed draws its run from. */
export type Scenario = {
  readonly name: string
  readonly about: string
  readonly nodes: readonly number[]
  readonly designs: readonly string[]
  /** Changed in every design; `drawn`: each seed draws its own. */
  readonly axes: Axes | 'drawn'
  readonly faults: readonly FaultKind[]
  /** A seed uses only some of the faults: what always comes together hides what comes alone. */
  readonly swarm: boolean
  readonly faultCount: Range
  /** Between the start of one fault and that of the next. */
  readonly faultGapMs: Range
  readonly faultMs: Range
  readonly clients: Range
  readonly operationsPerClient: Range
  readonly operationGapMs: Range
  /** Ratio of faults that look for the leader. */
  readonly leaderBias: number
}

const allFaults = Object.keys(faultKinds) as FaultKind[]
/** What every seed may draw. The rest wants scenarios of its own: it takes too much of a life. */
const usualFaults = allFaults.filter((kind) => kind !== 'echoes')

const short: Scenario = {
  name: 'short',
  about: 'a few seconds, few records, faults that look for the leader: what finds most bugs',
  nodes: [3, 3, 5],
  designs: ['tick', 'event', 'event'],
  axes: {},
  faults: usualFaults,
  swarm: true,
  faultCount: [3, 8],
  faultGapMs: [50, 600],
  faultMs: [50, 1500],
  clients: [2, 4],
  operationsPerClient: [10, 16],
  operationGapMs: [5, 200],
  leaderBias: 0.6,
}

const scenarios: readonly Scenario[] = [
  short,
  {
    ...short,
    name: 'long',
    about: 'ten times as many faults and operations',
    faultCount: [20, 50],
    operationsPerClient: [60, 120],
  },
  {
    ...short,
    name: 'swarm',
    about: 'each seed draws its own design, cluster size and subset of the faults',
    nodes: [1, 2, 3, 4, 5],
    designs: designNames,
    axes: 'drawn',
  },
  {
    ...short,
    name: 'adversary',
    about: 'five nodes and one fault after the other, nearly all of them at whoever leads',
    nodes: [5, 5, 3],
    designs: ['event'],
    faults: [
      'crash',
      'crash-at-effect',
      'power-cut',
      'pause',
      'isolate',
      'one-way',
      'split',
      'lossy',
      'slow-link',
      'slow-sync',
      'echoes',
    ],
    faultCount: [8, 20],
    faultGapMs: [20, 500],
    faultMs: [50, 900],
    operationsPerClient: [20, 30],
    leaderBias: 0.85,
  },
  {
    ...short,
    name: 'elections',
    about: 'one campaign after the other, with neither pre-vote nor check-quorum to hide behind',
    nodes: [5, 5, 4, 3],
    designs: ['event'],
    axes: { preVote: false, checkQuorum: false },
    faults: [
      'crash',
      'crash-at-effect',
      'isolate',
      'split',
      'lossy',
      'slow-link',
      'echoes',
      'campaign',
    ],
    faultCount: [10, 24],
    faultGapMs: [10, 400],
    faultMs: [50, 900],
    leaderBias: 0.5,
  },
  {
    ...short,
    name: 'stragglers',
    about: 'nodes are cut off for long while clients write on: logs that differ by much',
    nodes: [3, 3, 5],
    designs: ['event', 'like-hashicorp'],
    faults: ['isolate', 'split', 'one-way', 'crash', 'crash-at-effect', 'power-cut', 'echoes'],
    faultCount: [4, 8],
    faultGapMs: [300, 1500],
    faultMs: [600, 2500],
    operationsPerClient: [30, 50],
    operationGapMs: [2, 100],
    leaderBias: 0.7,
  },
  {
    ...short,
    name: 'disks',
    about: 'power cuts and slow syncs while several clients write',
    nodes: [3],
    faults: ['power-cut', 'power-cut-all', 'crash', 'crash-at-effect', 'slow-sync', 'isolate'],
    faultCount: [8, 16],
    faultGapMs: [50, 500],
    faultMs: [50, 600],
    clients: [3, 4],
    operationsPerClient: [30, 50],
    operationGapMs: [1, 60],
  },
  {
    ...short,
    name: 'reads',
    about: 'many reads while leaders are cut off that nothing tells to step down',
    designs: ['event'],
    axes: { checkQuorum: false },
    faults: ['isolate', 'split', 'one-way', 'slow-link', 'pause', 'echoes'],
    faultCount: [4, 8],
    faultGapMs: [100, 900],
    faultMs: [600, 2500],
    clients: [1, 2],
    operationsPerClient: [80, 120],
    operationGapMs: [1, 60],
    leaderBias: 0.9,
  },
  {
    ...short,
    name: 'leases',
    about: 'many reads while leaders are cut off and clocks drift',
    designs: ['event', 'like-hashicorp'],
    faults: ['isolate', 'pause', 'isolate', 'pause', 'slow-link', 'clock-rate'],
    swarm: false,
    faultCount: [6, 12],
    faultGapMs: [20, 500],
    faultMs: [800, 1500],
    clients: [1, 2],
    operationsPerClient: [80, 120],
    operationGapMs: [1, 60],
    leaderBias: 0.9,
  },
  ...designNames.map(
    (design): Scenario => ({
      ...short,
      name: design,
      about: `short, with the design ${design} alone`,
      designs: [design],
    }),
  ),
  ...Object.entries(axisValues).map(
    ([name, axes]): Scenario => ({
      ...short,
      name,
      about: `short, with the design event but for ${name}`,
      designs: ['event'],
      axes,
    }),
  ),
]

export const scenarioNames: readonly string[] = scenarios.map((scenario) => scenario.name)

/** Throws `workload-invalid` if no scenario has this name. */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name)
  if (found !== undefined) return found
  throw new RaftmarkError('workload-invalid', `no scenario of the simulator is called ${name}`, {
    nextStep: `Choose one of: ${scenarioNames.join(', ')}.`,
  })
}

/** Throws `workload-invalid` or `design-impossible` for what a scenario cannot mean. */
export function validateScenario(scenario: Scenario): void {
  const { name, faults, designs, nodes } = scenario
  const refuse = (message: string, nextStep: string): never => {
    throw new RaftmarkError('workload-invalid', `scenario ${name}: ${message}`, { nextStep })
  }
  const unknown = faults.find((fault) => !(fault in faultKinds))
  if (unknown !== undefined) {
    refuse(`no fault is called ${unknown}`, `Faults are: ${allFaults.join(', ')}.`)
  }
  const stranger = designs.find((design) => !designNames.includes(design))
  if (stranger !== undefined) {
    throw new RaftmarkError('design-impossible', `scenario ${name}: no design ${stranger}`, {
      nextStep: `Choose from: ${designNames.join(', ')}.`,
    })
  }
  if (nodes.length === 0 || nodes.some((count) => count < 1 || count > 7)) {
    refuse('clusters have 1 to 7 nodes', 'Give numbers from 1 to 7.')
  }
  const ranges = { ...scenario } as Record<string, unknown>
  for (const [key, value] of Object.entries(ranges)) {
    if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'number') continue
    if (key !== 'nodes' && (value[0] < 0 || value[0] > value[1])) {
      refuse(`${key} is no range: ${value.join('–')}`, 'Give the smaller number first.')
    }
  }
}
