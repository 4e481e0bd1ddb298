import { join } from 'node:path'
import type { Archive } from '../archive/archive.ts'
import { observedOf } from '../archive/durability-results.ts'
import type { Calibration, MachineProbe } from '../experiment/calibrate/calibration.ts'
import type { Cluster, ClusterOptions } from '../experiment/cluster/cluster.ts'
import type { Generator } from '../experiment/load/generator-process.ts'
import type { LoadPlan } from '../experiment/load/plan.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import type { RunTrends } from '../judgement/history/run-trends.ts'
import type { WallClock } from '../os/clock.ts'
import { isoTime } from '../os/clock.ts'
import type { Machine } from '../os/machine.ts'
import { coreListsOf, onCores } from './cpu-layout.ts'
import { type Measured, measureRun } from './measure-run.ts'
import { gatesOf } from './measurement-gates.ts'
import { saveSources } from './recompute-figures.ts'
import type { ClusterRun, RunCluster } from './run-experiment.ts'
import { sampleEveryMs, trendsOf } from './run-trends.ts'
import { worstVerdict } from './summarize-experiment.ts'

/** All that a run needs from the machine; a test hands in fakes. */
export type RunServices = {
  readonly startCluster: (options: Omit<ClusterOptions, 'guard' | 'openProbe'>) => Promise<Cluster>
  readonly startGenerator: (
    plan: LoadPlan,
    /** `cores`: those that it is kept to, as `taskset` takes them; all when absent. */
    at: { readonly stderrFile: string; readonly cores?: string },
  ) => Promise<Generator>
  readonly clock: WallClock
}

/** What is the same in all runs of an experiment. */
export type RunCircumstances = {
  readonly experiment: string
  readonly nodes: number
  readonly archive: Archive
  readonly machine: Machine
  readonly calibration: Calibration
  readonly versions: Readonly<Record<string, string>>
  readonly harnessHash: string
  readonly signal: AbortSignal
  /** Before each round. */
  readonly probe: () => Promise<MachineProbe>
}

/** Equal in all designs and languages, so that only the design differs. */
const TIMING = { heartbeatMs: 100, electionMinMs: 1_000, electionMaxMs: 2_000 }
const BATCH_BYTES_MAX = 1_048_576
const THREADS = 4

/** Runs clusters of processes with `services`. */
export function createRunCluster(
  circumstances: RunCircumstances,
  services: RunServices,
): RunCluster {
  let probed: { readonly round: number; readonly probe: MachineProbe } | undefined
  return async (runs, report) => {
    const [first] = runs
    if (first === undefined) return
    report.onPhase(first.planned, 'start')
    const { round } = first.planned
    if (probed?.round !== round) probed = { round, probe: await circumstances.probe() }
    const { probe } = probed
    const groups = groupsOf(runs)
    const cluster = await services.startCluster(
      clusterOptions(circumstances, first, [...groups.values()].flat()),
    )
    try {
      for (const run of runs) {
        if (circumstances.signal.aborted) return
        const { planned } = run
        const startedAt = isoTime(services.clock)
        const startedMs = services.clock.nowMs()
        const measured = await carry(circumstances, services, {
          cluster,
          run,
          clusterRunId: first.planned.id,
          groups: groups.get(planned.id) ?? [],
          onPhase: (phase) => report.onPhase(planned, phase),
        })
        const durationMs = services.clock.nowMs() - startedMs
        await report.onRecord(
          recordOf(circumstances, run, { ...measured, probe }, { startedAt, durationMs }),
        )
      }
    } finally {
      await cluster.stop()
    }
  }
}

/** New partitions for every run of a shared cluster, by the run's id. */
function groupsOf(runs: readonly ClusterRun[]): ReadonlyMap<string, readonly number[]> {
  let next = 0
  return new Map(
    runs.map(({ planned, cell }) => {
      const groups = Array.from({ length: cell.workload.partitions }, (_, at) => next + at)
      next += groups.length
      return [planned.id, groups] as const
    }),
  )
}

function clusterOptions(
  { archive, nodes, signal, machine }: RunCircumstances,
  { planned, cell }: ClusterRun,
  groups: readonly number[],
): Omit<ClusterOptions, 'guard' | 'openProbe'> {
  const runDirectory = archive.makeRunDirectory(planned.id)
  const cores = coreListsOf(cell.workload.cpus, machine.cores)
  return {
    adapter: cell.subject.adapter,
    settings: {
      runId: planned.id,
      groups: [...groups],
      store: cell.subject.store,
      durability: cell.claimedDurability,
      syncDelayMs: cell.workload.syncDelayMs,
      linkDelayMs: cell.workload.roundTripMs / 2,
      timing: TIMING,
      tuning: cell.subject.tuning,
      batchBytesMax: BATCH_BYTES_MAX,
      threads: THREADS,
      seed: planned.seed,
    },
    nodes,
    runDirectory,
    dataDirectory: join(runDirectory, 'data'),
    environment: { UV_THREADPOOL_SIZE: String(THREADS) },
    ...(cores === undefined
      ? {}
      : { house: (_, __, argv) => Promise.resolve(onCores(cores.nodes, argv)) }),
    signal,
  }
}

async function carry(
  { archive, signal, machine }: RunCircumstances,
  { startGenerator }: RunServices,
  part: {
    readonly cluster: Cluster
    readonly run: ClusterRun
    /** The nodes refuse clients of another run than the one that started them. */
    readonly clusterRunId: string
    readonly groups: readonly number[]
    readonly onPhase: (phase: string) => void
  },
): Promise<MeasuredRun> {
  const { cluster, run, groups, onPhase } = part
  const { planned, cell } = run
  const directory = archive.makeRunDirectory(planned.id)
  const plan: LoadPlan = {
    runId: part.clusterRunId,
    seed: planned.seed,
    workload: cell.workload,
    nodes: cluster.nodes.map(({ node, address }) => ({ node, address })),
    firstLeader: cluster.leaderOf(groups[0] ?? 0) ?? 1,
    groups,
    files: {
      histogram: join(directory, 'histogram.hlog'),
      series: join(directory, 'series.json'),
      ...(cell.workload.history ? { history: join(directory, 'history.ndjson') } : {}),
    },
  }
  const cores = coreListsOf(cell.workload.cpus, machine.cores)?.generator
  const generator = await startGenerator(plan, {
    stderrFile: join(directory, 'generator.log'),
    ...(cores === undefined ? {} : { cores }),
  })
  const everyMs = sampleEveryMs(cell.workload.measureSeconds)
  const measured = await measureRun({
    ...{ cluster, generator, signal, onPhase },
    ...(everyMs === undefined ? {} : { sampleEveryMs: everyMs }),
  })
  await saveSources(archive, planned.id, measured)
  const loop = cell.workload.arrival.kind === 'closed' ? 'closed' : 'open'
  const trends = trendsOf(archive.readSeries(planned.id), measured.samples, loop)
  return { ...measured, trends, scheduling: generator.scheduling }
}

/** What was measured, how it went, and how the generator was let run that measured it. */
type MeasuredRun = Measured & { readonly trends: RunTrends } & Pick<Generator, 'scheduling'>

type ProbedRun = MeasuredRun & { readonly probe: MachineProbe }

function recordOf(
  circumstances: RunCircumstances,
  { planned, cell }: ClusterRun,
  measured: ProbedRun,
  time: { readonly startedAt: string; readonly durationMs: number },
): RunRecord {
  const { report, figures } = measured
  const { experiment, nodes, versions, harnessHash, machine, calibration } = circumstances
  const verdict = worstVerdict(report.checks.map((check) => check.verdict))
  const claimed = cell.claimedDurability
  const observed = observedOf(circumstances.archive.directory, planned.subject, claimed)
  const claims = { claimed, nodes, observed }
  const gates = gatesOf({ ...measured, calibration, claims, usesDisk: claimed !== 'D0' })
  const { manifest } = cell.subject.adapter
  return {
    schema: 'raftmark/run/1',
    id: planned.id,
    experiment,
    round: planned.round,
    workload: planned.workload,
    subject: planned.subject,
    resolvedWorkload: cell.workload,
    claimedDurability: cell.claimedDurability,
    placement: 'process',
    nodes,
    seed: planned.seed,
    ...time,
    verdict,
    checks: report.checks,
    rankable:
      verdict === 'valid' && report.interrupted === undefined && gates.every((gate) => gate.held),
    gates,
    figures,
    trends: measured.trends,
    versions: { ...versions, [manifest.name]: manifest.version },
    harnessHash,
    machine,
    ...(measured.events.length === 0 ? {} : { events: measured.events }),
    ...(measured.scheduling === undefined ? {} : { generatorScheduling: measured.scheduling }),
    calibration,
    probe: measured.probe,
    ...(report.interrupted === undefined ? {} : { interrupted: report.interrupted }),
  }
}
