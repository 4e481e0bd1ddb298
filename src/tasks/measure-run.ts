import type { Cluster, NodeSnapshot } from '../experiment/cluster/cluster.ts'
import type { Generator } from '../experiment/load/generator-process.ts'
import type { LoadPhase, LoadReport, LoadSlice } from '../experiment/load/plan.ts'
import type { RunFigures } from '../judgement/history/run-record.ts'
import { type Moment, momentNow, type Surroundings, surroundingsOf } from './surroundings.ts'
import { Warmth } from './warmth.ts'

export type Measured = {
  readonly report: LoadReport
  readonly figures: RunFigures
  readonly isWarm: boolean
  readonly warmthChange: number
  /** Of the measured part; undefined when it did not come to its end. */
  readonly surroundings: Surroundings | undefined
}

/** The cost counters of all processes at one moment. */
type Cost = {
  readonly nodes: readonly NodeSnapshot[]
  readonly generatorCpuNs: number
  readonly elections: number
  readonly moment: Moment
}

/**
 * Watches one run from warm-up to report: says when the cluster is warm, and reads the counters
 * where the measured part begins and ends. Rejects when a node or the generator fails.
 */
export async function measureRun(options: {
  readonly cluster: Cluster
  readonly generator: Generator
  readonly signal: AbortSignal
  readonly onPhase: (phase: LoadPhase) => void
}): Promise<Measured> {
  const { cluster, generator, signal, onPhase } = options
  const stop = () => generator.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const watch = new RunWatch(cluster, generator, onPhase)
    const failure = new Promise<never>((_, reject) => cluster.onFailure(reject))
    await Promise.race([generator.ended, failure])
    return await watch.result()
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

class RunWatch {
  readonly #cluster: Cluster
  readonly #generator: Generator
  readonly #warmth = new Warmth()
  #lastCost: Promise<Cost>
  #before: Promise<Cost> | undefined
  #after: Promise<Cost> | undefined
  #report: LoadReport | undefined

  constructor(cluster: Cluster, generator: Generator, onPhase: (phase: LoadPhase) => void) {
    this.#cluster = cluster
    this.#generator = generator
    this.#lastCost = this.#cost()
    generator.onMessage((message) => {
      switch (message.kind) {
        case 'phase':
          onPhase(message.phase)
          this.#enter(message.phase)
          return
        case 'slice':
          if (message.slice.phase === 'warm-up') this.#warmUp(message.slice)
          return
        case 'report':
          this.#report = message.report
          return
        case 'failed':
      }
    })
  }

  async result(): Promise<Measured> {
    const report = this.#report
    const [before, after] = await Promise.all([this.#before, this.#after])
    if (report === undefined) throw new Error('the generator ended without a report')
    return {
      report,
      figures: figuresOf(report, before, after),
      isWarm: report.warm,
      warmthChange: this.#warmth.change,
      surroundings:
        before && after && surroundingsOf(before.moment, after.moment, runCpuNs(before, after)),
    }
  }

  #enter(phase: LoadPhase): void {
    if (phase === 'warm-up') this.#lastCost = this.#cost()
    if (phase === 'measure') this.#before = this.#cost()
    if (phase === 'drain') this.#after = this.#cost()
  }

  #warmUp({ requestsDone }: LoadSlice): void {
    const previous = this.#lastCost
    const current = this.#cost()
    this.#lastCost = current
    const compare = async () => {
      const cpuNs = nodesCpuNs(await current) - nodesCpuNs(await previous)
      if (this.#warmth.add({ requests: requestsDone, cpuNs })) this.#generator.measure()
    }
    // A node that does not answer has failed, and that rejects the run itself.
    compare().catch(() => undefined)
  }

  #cost(): Promise<Cost> {
    const generatorCpuNs = this.#generator.cpuNs()
    const { elections } = this.#cluster
    const rest = { generatorCpuNs, elections, moment: momentNow() }
    const cost = this.#cluster.snapshot().then((nodes) => ({ nodes, ...rest }))
    // Awaited in `result`; until then a rejection must not count as unhandled.
    cost.catch(() => undefined)
    return cost
  }
}

const runCpuNs = (before: Cost, after: Cost): number =>
  nodesCpuNs(after) + after.generatorCpuNs - nodesCpuNs(before) - before.generatorCpuNs

const nodesCpuNs = ({ nodes }: Cost): number => nodes.reduce((sum, { cpuNs }) => sum + cpuNs, 0)

/** Differences of the counters over the measured part, per record or per acknowledged batch. */
function figuresOf(
  report: LoadReport,
  before: Cost | undefined,
  after: Cost | undefined,
): RunFigures {
  const { latency } = report
  return {
    requests: report.requests,
    failures: report.failures,
    offeredPerSecond: report.offeredPerSecond,
    achievedPerSecond: report.achievedPerSecond,
    responseMs: latency.responseMs,
    serviceMs: latency.serviceMs,
    sendLagMs: latency.sendLagMs,
    fetchLagMs: latency.fetchLagMs,
    requestsPerFrame: report.requestsPerFrame,
    ...costFigures(report, before, after),
  }
}

type CostFigures = Pick<
  RunFigures,
  | 'cpuMicrosPerRecord'
  | 'syncsPerAck'
  | 'bytesWrittenPerAck'
  | 'rssBytesMax'
  | 'gcPauseMsTotal'
  | 'gcPauseMsMax'
  | 'elections'
>

const noCost: CostFigures = {
  cpuMicrosPerRecord: { leader: undefined, followers: undefined, generator: undefined },
  syncsPerAck: undefined,
  bytesWrittenPerAck: undefined,
  rssBytesMax: undefined,
  gcPauseMsTotal: undefined,
  gcPauseMsMax: undefined,
  elections: undefined,
}

function costFigures(
  report: LoadReport,
  before: Cost | undefined,
  after: Cost | undefined,
): CostFigures {
  if (before === undefined || after === undefined) return noCost
  const used = after.nodes.map((end) => usedBy(end, before))
  const leader = leaderAmong(after.nodes)
  const ofLeader = used.filter(({ node }) => node === leader)
  const ofFollowers = used.filter(({ node }) => node !== leader)
  const micros = (nanoseconds: number) => per(nanoseconds / 1_000, report.recordsAcknowledged)
  const collects = after.nodes.some(({ counters }) => counters.gcPauses > 0)
  return {
    cpuMicrosPerRecord: {
      leader: micros(sumOf(ofLeader, 'cpuNs')),
      followers: micros(sumOf(ofFollowers, 'cpuNs')),
      generator: micros(after.generatorCpuNs - before.generatorCpuNs),
    },
    syncsPerAck: per(sumOf(used, 'syncs'), report.acknowledged),
    bytesWrittenPerAck: per(sumOf(used, 'bytesWritten'), report.acknowledged),
    rssBytesMax: Math.max(...after.nodes.map(({ rssBytesMax }) => rssBytesMax)),
    gcPauseMsTotal: collects ? sumOf(used, 'gcPauseMsTotal') : undefined,
    gcPauseMsMax: collects
      ? Math.max(...after.nodes.map(({ counters }) => counters.gcPauseMsMax))
      : undefined,
    elections: after.elections - before.elections,
  }
}

type Used = {
  readonly node: number
  readonly cpuNs: number
  readonly syncs: number
  readonly bytesWritten: number
  readonly gcPauseMsTotal: number
}

function usedBy(end: NodeSnapshot, before: Cost): Used {
  const begin = before.nodes.find(({ node }) => node === end.node)
  return {
    node: end.node,
    cpuNs: end.cpuNs - (begin?.cpuNs ?? 0),
    syncs: end.counters.syncs - (begin?.counters.syncs ?? 0),
    bytesWritten: end.counters.bytesWritten - (begin?.counters.bytesWritten ?? 0),
    gcPauseMsTotal: end.counters.gcPauseMsTotal - (begin?.counters.gcPauseMsTotal ?? 0),
  }
}

/** Who leads most groups: with one group, its leader. */
function leaderAmong(nodes: readonly NodeSnapshot[]): number | undefined {
  const [first] = [...nodes].sort((one, other) => other.leads.length - one.leads.length)
  return first?.node
}

const sumOf = (used: readonly Used[], key: Exclude<keyof Used, 'node'>): number =>
  used.reduce((sum, one) => sum + one[key], 0)

const per = (amount: number, count: number): number | undefined =>
  count === 0 ? undefined : amount / count
