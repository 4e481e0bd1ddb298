import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterLimits, ClusterOptions } from '../../src/experiment/cluster/cluster.ts'
import type {
  GroupView,
  NodeCounters,
  NodeProbe,
  OpenNodeProbe,
} from '../../src/experiment/cluster/node-probe.ts'
import type { Guard } from '../../src/os/guard.ts'

/** Options of a cluster of nodes of `fake-adapters/node.mjs`, in a folder of its own. */
export function fakeCluster(way: string, guard: Guard, limits: Partial<ClusterLimits> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'raftmark-cluster-'))
  const probes = new FakeProbes()
  const options: ClusterOptions = {
    adapter: {
      directory: join(import.meta.dirname, 'fake-adapters'),
      manifest: {
        name: `fake-${way}`,
        kind: 'raft',
        language: 'javascript',
        version: '0.0.0',
        contract: 1,
        start: ['node', 'node.mjs', way],
        claims: { stores: ['memory'], durability: 'D0' },
        tuning: {},
        exceptions: [],
      },
    },
    settings: {
      runId: 'run-of-a-test',
      groups: [0, 1],
      store: 'memory',
      durability: 'D0',
      syncDelayMs: 0,
      linkDelayMs: 0,
      timing: { heartbeatMs: 100, electionMinMs: 1_000, electionMaxMs: 2_000 },
      tuning: {},
      batchBytesMax: 1_048_576,
      threads: 2,
      seed: 1,
    },
    nodes: 3,
    runDirectory: join(directory, 'run'),
    dataDirectory: join(directory, 'data'),
    guard,
    openProbe: probes.open,
    limits: { portWaitMs: 1, ...limits },
  }
  return { options, probes, directory, remove: () => rmSync(directory, { recursive: true }) }
}

/** What the nodes say of themselves: at first that node 1, started first, leads every group. */
export class FakeProbes {
  readonly open: OpenNodeProbe = ({ node }) => this.#probe(node)
  #leadsFromTheStart = true
  #countersFailure: Error | undefined
  readonly #listeners = new Map<number, (view: GroupView) => void>()
  readonly #ends = new Map<number, (reason: Error) => void>()

  /** No node leads until `say` tells so. */
  withoutLeader(): void {
    this.#leadsFromTheStart = false
  }

  failCounters(failure: Error): void {
    this.#countersFailure = failure
  }

  say(node: number, view: Partial<GroupView>): void {
    this.#listeners.get(node)?.({ ...followerView, ...view })
  }

  endWatch(node: number): void {
    this.#ends.get(node)?.(new Error('the stream ended'))
  }

  #probe(node: number): NodeProbe {
    return {
      watch: (onState, onEnd) => {
        this.#listeners.set(node, onState)
        this.#ends.set(node, onEnd)
        if (!this.#leadsFromTheStart) return
        const role = node === 1 ? 'leader' : 'follower'
        for (const group of [0, 1]) this.say(node, { group, term: 1, role })
      },
      counters: async () => {
        if (this.#countersFailure !== undefined) throw this.#countersFailure
        return zeroCounters
      },
      close: () => undefined,
    }
  }
}

const followerView: GroupView = {
  group: 0,
  term: 0,
  role: 'follower',
  leader: undefined,
  commitIndex: 0,
  appliedIndex: 0,
  highWatermark: 0,
}

const zeroCounters: NodeCounters = {
  syncs: 0,
  bytesWritten: 0,
  writes: 0,
  produced: 0,
  campaigns: 0,
  messagesSent: 0,
  takes: 0,
  entriesPersisted: 0,
  framesReceived: 0,
  requestsReceived: 0,
  gcPauses: 0,
  gcPauseMsTotal: 0,
  gcPauseMsMax: 0,
  syncDelayMsP50: Number.NaN,
  linkDelayMsP50: Number.NaN,
}
