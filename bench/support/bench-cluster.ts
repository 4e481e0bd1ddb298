import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Durability } from '../../src/contract/durability.ts'
import type { LogClient } from '../../src/contract/log-client.ts'
import type { AdapterManifest } from '../../src/experiment/cluster/adapter-manifest.ts'
import { openNodeProbe } from '../../src/experiment/cluster/grpc-node-probe.ts'
import { startCluster } from '../../src/experiment/cluster/start-cluster.ts'
import { GrpcLogClient } from '../../src/experiment/load/grpc-log-client.ts'
import { systemClock } from '../../src/os/clock.ts'
import { createGuard } from '../../src/os/guard.ts'

const root = join(import.meta.dirname, '../..')
const WINDOW_REQUESTS = 8_192
const WINDOW_BYTES = 64 << 20

export type BenchCluster = {
  /** A connection to the leader of partition 0. */
  readonly leader: LogClient
  /** A folder on the disk that the nodes use. */
  readonly directory: string
  close(): Promise<void>
}

/** A real cluster over processes, from the built programs in dist/, with one partition. */
export async function startBenchCluster(options: {
  readonly raft: string
  readonly store: string
  readonly durability: Durability
  readonly nodes: number
}): Promise<BenchCluster> {
  const directory = mkdtempSync(join(root, 'results', 'bench-'))
  const guard = await createGuard()
  const folder = join(root, 'adapters/raft', options.raft)
  const manifest: AdapterManifest = JSON.parse(readFileSync(join(folder, 'adapter.json'), 'utf8'))
  const runId = 'bench'
  const cluster = await startCluster({
    adapter: { directory: folder, manifest },
    settings: {
      runId,
      groups: [0],
      store: options.store,
      durability: options.durability,
      syncDelayMs: 0,
      linkDelayMs: 0,
      timing: { heartbeatMs: 100, electionMinMs: 1_000, electionMaxMs: 2_000 },
      tuning: {},
      batchBytesMax: 4 << 20,
      threads: 4,
      seed: 1,
    },
    nodes: options.nodes,
    runDirectory: join(directory, 'run'),
    dataDirectory: join(directory, 'data'),
    guard,
    openProbe: openNodeProbe,
  })
  const leaderNode = cluster.leaderOf(0)
  const address = cluster.nodes.find(({ node }) => node === leaderNode)?.address ?? ''
  const leader = new GrpcLogClient({
    clock: systemClock,
    address,
    runId,
    windowRequests: WINDOW_REQUESTS,
    windowBytes: WINDOW_BYTES,
  })
  return {
    leader,
    directory,
    close: async () => {
      leader.close()
      await cluster.stop()
      await guard.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
