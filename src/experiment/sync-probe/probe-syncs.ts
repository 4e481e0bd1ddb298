import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { sleepUntil } from '../../base/clock.ts'
import { crc32c } from '../../base/crc32c.ts'
import { RaftmarkError } from '../../base/errors.ts'
import type { Durability } from '../../contract/durability.ts'
import type { LogClient } from '../../contract/log-client.ts'
import { BatchEncoder } from '../../contract/record-batch-encode.ts'
import { GroupId } from '../../contract/types.ts'
import type { NodeSyncs, SyncCase } from '../../judgement/history/durability-record.ts'
import { systemClock, wallClock } from '../../os/clock.ts'
import type { Guard } from '../../os/guard.ts'
import type { Adapter } from '../cluster/adapter-manifest.ts'
import type { Cluster, ClusterSettings } from '../cluster/cluster.ts'
import { openNodeProbe } from '../cluster/grpc-node-probe.ts'
import { startCluster } from '../cluster/start-cluster.ts'
import { GrpcLogClient } from '../load/grpc-log-client.ts'
import { syncsIn, traced } from './strace.ts'

/** Alone each acknowledgement needs a sync of its own; among many it may share one. */
const WINDOWS = [1, 64]
const BATCHES_FIRST = 50
const BATCHES = 320
const ANSWER_MS_MAX = 10_000
/** What the nodes still write after the last answer is not counted, and must not be before it. */
const QUIET_MS = 300
const PAYLOAD_BYTES = 100
const GROUP = GroupId(0)
const WINDOW_BYTES = 16 * 1024 * 1024
const BATCH_BYTES_MAX = 1_048_576
const THREADS = 4
const TIMING = { heartbeatMs: 100, electionMinMs: 1_000, electionMaxMs: 2_000 } as const

export type SyncProbeOptions = {
  readonly subject: {
    readonly name: string
    readonly adapter: Adapter
    readonly store: string
    readonly tuning: Readonly<Record<string, string | number | boolean>>
  }
  readonly durability: Durability
  readonly nodes: number
  /** Whether nodes run under strace. */
  readonly isTraced: boolean
  readonly guard: Guard
  /** Exists; all files are made in it. */
  readonly directory: string
  readonly signal: AbortSignal
}

/**
 * Counts syncs per acknowledged batch, on a fresh cluster for each number of requests in flight.
 */
export async function probeSyncs(options: SyncProbeOptions): Promise<readonly SyncCase[]> {
  const cases: SyncCase[] = []
  for (const inFlight of WINDOWS) {
    options.signal.throwIfAborted()
    cases.push(await probeOnce(options, inFlight))
  }
  return cases
}

async function probeOnce(options: SyncProbeOptions, inFlight: number): Promise<SyncCase> {
  const directory = join(options.directory, String(inFlight))
  mkdirSync(directory)
  const traceOf = (node: number) => join(directory, `node-${node}.strace`)
  const runId = `durability-${inFlight}`
  const cluster = await startCluster({
    adapter: options.subject.adapter,
    settings: settingsOf(options, runId),
    nodes: options.nodes,
    runDirectory: directory,
    dataDirectory: join(directory, 'data'),
    ...(options.isTraced
      ? { house: async (node: number, _: string, argv: Argv) => traced(traceOf(node), argv) }
      : {}),
    guard: options.guard,
    openProbe: openNodeProbe,
    signal: options.signal,
  })
  try {
    return await counted(cluster, runId, inFlight, options.isTraced ? traceOf : undefined)
  } finally {
    await cluster.stop()
  }
}

type Argv = readonly [string, ...string[]]

async function counted(
  cluster: Cluster,
  runId: string,
  inFlight: number,
  traceOf: ((node: number) => string) | undefined,
): Promise<SyncCase> {
  const leader = cluster.nodes.find(({ node }) => node === cluster.leaderOf(GROUP))
  const client = new GrpcLogClient({
    clock: systemClock,
    address: leader?.address ?? '',
    runId,
    windowRequests: 1_000,
    windowBytes: WINDOW_BYTES,
  })
  try {
    await produce(client, BATCHES_FIRST, inFlight)
    await quiet()
    const before = await cluster.snapshot()
    const startMs = wallClock.nowMs()
    await produce(client, BATCHES, inFlight)
    await quiet()
    const endMs = wallClock.nowMs()
    const after = await cluster.snapshot()
    const nodes = after.map(({ node, counters }): NodeSyncs => {
      const file = traceOf?.(node)
      const start = before.find((one) => one.node === node)?.counters
      return {
        node,
        systemSyncs: file === undefined ? undefined : syncsIn(file, startMs, endMs),
        countedSyncs: counters.syncs - (start?.syncs ?? 0),
        bytesWritten: counters.bytesWritten - (start?.bytesWritten ?? 0),
      }
    })
    return { inFlight, acknowledged: BATCHES, nodes }
  } finally {
    client.close()
  }
}

/** A closed loop of `count` batches; rejects when one is not acknowledged. */
function produce(client: LogClient, count: number, inFlight: number): Promise<void> {
  const encoder = new BatchEncoder(crc32c)
  const batch = encoder.encode({
    records: [{ value: new Uint8Array(PAYLOAD_BYTES).fill(7) }],
    timestampMs: 0,
  })
  const request = { partition: GROUP, acks: 'quorum', timeoutMs: ANSWER_MS_MAX, batch } as const
  return new Promise((resolve, reject) => {
    let begun = 0
    let ended = 0
    const next = (): void => {
      begun += 1
      client.produce(request, ({ code }) => {
        ended += 1
        if (code !== 'OK') reject(unanswered(code))
        else if (ended === count) resolve()
        else if (begun < count) next()
      })
    }
    while (begun < Math.min(inFlight, count)) next()
  })
}

const unanswered = (code: string): RaftmarkError =>
  new RaftmarkError('node-unresponsive', `a batch ended with ${code} and not with OK`, {
    nextStep: 'Try again on a machine with less other work; then look at the nodes with doctor.',
  })

function settingsOf({ subject, durability }: SyncProbeOptions, runId: string): ClusterSettings {
  return {
    runId,
    groups: [0],
    store: subject.store,
    durability,
    syncDelayMs: 0,
    linkDelayMs: 0,
    timing: TIMING,
    tuning: subject.tuning,
    batchBytesMax: BATCH_BYTES_MAX,
    threads: THREADS,
    seed: 1,
  }
}

const quiet = (): Promise<void> => sleepUntil(systemClock, systemClock.nowNs() + QUIET_MS * 1e6)
