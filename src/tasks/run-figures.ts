import type { NodeSnapshot } from '../experiment/cluster/cluster.ts'
import type { LoadReport } from '../experiment/load/plan.ts'
import type { RunFigures } from '../judgement/history/run-record.ts'
import type { Moment } from './surroundings.ts'

/** The cost counters of all processes at one moment. */
export type Cost = {
  readonly nodes: readonly NodeSnapshot[]
  readonly generatorCpuNs: number
  readonly elections: number
  readonly moment: Moment
}

/** What a report says beside its histograms: small enough to be kept as JSON. */
export type Counts = Omit<LoadReport, 'histograms'>

/** Differences of the counters over the measured part, per record or per acknowledged batch. */
export function figuresOf(
  report: Counts,
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
    ...(report.catchUp === undefined ? {} : { catchUp: report.catchUp }),
    ...(report.search === undefined ? {} : { search: report.search }),
    ...injectedOf(after),
    ...costFigures(report, before, after),
  }
}

/** Nodes say NaN where nothing was injected, which JSON keeps as null. */
function injectedOf(after: Cost | undefined): Pick<RunFigures, 'injected'> {
  const counters = after?.nodes.map((node) => node.counters) ?? []
  const longest = (values: readonly number[]) => Math.max(0, ...values.filter(Number.isFinite))
  const syncDelayMs = longest(counters.map(({ syncDelayMsP50 }) => syncDelayMsP50))
  const roundTripMs = 2 * longest(counters.map(({ linkDelayMsP50 }) => linkDelayMsP50))
  if (syncDelayMs === 0 && roundTripMs === 0) return {}
  return {
    injected: {
      ...(syncDelayMs === 0 ? {} : { syncDelayMs }),
      ...(roundTripMs === 0 ? {} : { roundTripMs }),
    },
  }
}

type CostFigures = Pick<
  RunFigures,
  | 'cpuMicrosPerRecord'
  | 'syncsPerAck'
  | 'bytesWrittenPerAck'
  | 'diskBytesWrittenPerAck'
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
  report: Counts,
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
    ...seenOnDisk(before.moment, after.moment, report.acknowledged),
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

function seenOnDisk(
  before: Moment,
  after: Moment,
  acks: number,
): Pick<RunFigures, 'diskBytesWrittenPerAck'> {
  const bytes = (after.diskBytesWritten ?? Number.NaN) - (before.diskBytesWritten ?? Number.NaN)
  return Number.isFinite(bytes) && acks > 0 ? { diskBytesWrittenPerAck: bytes / acks } : {}
}

const per = (amount: number, count: number): number | undefined =>
  count === 0 ? undefined : amount / count
