import { join } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { EngineOnlyResult } from '../experiment/cluster/engine-only.ts'
import type { EngineOnlyPlan } from '../experiment/cluster/engine-only-process.ts'
import type { RunFigures, RunRecord } from '../judgement/history/run-record.ts'
import { isoTime, type WallClock } from '../os/clock.ts'
import type { Cell } from './resolve-experiment.ts'
import type { RunCircumstances } from './run-cluster.ts'
import type { ClusterRun, RunCluster } from './run-experiment.ts'

export type EngineOnlyServices = {
  readonly run: (
    plan: EngineOnlyPlan,
    at: { readonly directory: string; readonly stderrFile: string },
  ) => Promise<EngineOnlyResult>
  readonly clock: WallClock
}

/** Runs each engine in a fresh process of its own, without network or disk. */
export function createRunEngineOnly(
  circumstances: RunCircumstances,
  services: EngineOnlyServices,
): RunCluster {
  return async (runs, report) => {
    for (const run of runs) {
      if (circumstances.signal.aborted) return
      const { planned, cell } = run
      report.onPhase(planned, 'measure')
      const startedAt = isoTime(services.clock)
      const startedMs = services.clock.nowMs()
      const directory = circumstances.archive.makeRunDirectory(planned.id)
      const plan = { ...planOf(cell), nodes: circumstances.nodes, seed: planned.seed }
      const stderrFile = join(directory, 'engine-only.log')
      const result = await services.run(plan, { directory, stderrFile })
      const durationMs = services.clock.nowMs() - startedMs
      await report.onRecord(recordOf(circumstances, run, result, { startedAt, durationMs }))
    }
  }
}

function planOf({ subject, workload }: Cell): Omit<EngineOnlyPlan, 'nodes' | 'seed'> {
  if (subject.store !== 'memory') {
    throw new RaftmarkError('subject-invalid', `${subject.name} cannot run in process`, {
      nextStep: `engine-only runs keep the log in memory: ${subject.adapter.manifest.name}/memory`,
    })
  }
  if (workload.arrival.kind !== 'closed') {
    throw new RaftmarkError('workload-invalid', `${workload.name} is no closed loop`, {
      nextStep: 'in process only closed loops are measured: engine-only',
    })
  }
  return {
    design: subject.adapter.manifest.name,
    clients: workload.arrival.inFlight,
    seconds: workload.measureSeconds,
  }
}

function recordOf(
  circumstances: RunCircumstances,
  { planned, cell }: ClusterRun,
  result: EngineOnlyResult,
  time: { readonly startedAt: string; readonly durationMs: number },
): RunRecord {
  const { experiment, nodes, versions, harnessHash, machine, calibration } = circumstances
  return {
    schema: 'raftmark/run/1',
    id: planned.id,
    experiment,
    round: planned.round,
    workload: planned.workload,
    subject: planned.subject,
    resolvedWorkload: cell.workload,
    claimedDurability: cell.claimedDurability,
    placement: 'in-process',
    nodes,
    seed: planned.seed,
    ...time,
    verdict: 'valid',
    checks: [
      {
        check: 'all-applied',
        verdict: 'valid',
        explanation: `the leader applied and acknowledged all ${result.operations} operations`,
      },
    ],
    rankable: true,
    gates: [],
    figures: figuresOf(result),
    versions,
    harnessHash,
    machine,
    calibration,
  }
}

const nothing = { p50: undefined, p90: undefined, p99: undefined, p999: undefined, max: undefined }

/** Its method measures a rate and nothing else: no latency, and no CPU that is told apart. */
function figuresOf({ clients, operations, operationsPerSecond }: EngineOnlyResult): RunFigures {
  const noLatency = { ...nothing, count: 0 }
  return {
    requests: operations,
    failures: {},
    offeredPerSecond: undefined,
    achievedPerSecond: operationsPerSecond,
    responseMs: noLatency,
    serviceMs: noLatency,
    sendLagMs: noLatency,
    fetchLagMs: undefined,
    cpuMicrosPerRecord: { leader: undefined, followers: undefined, generator: undefined },
    syncsPerAck: undefined,
    bytesWrittenPerAck: undefined,
    rssBytesMax: undefined,
    gcPauseMsTotal: undefined,
    gcPauseMsMax: undefined,
    elections: undefined,
    requestsPerFrame: undefined,
    clients,
    operationsPerSecond,
  }
}
