import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProduceResult } from '../../../src/contract/log-client.ts'
import type { NodeConfig } from '../../../src/contract/node-config.ts'
import { BatchEncoder } from '../../../src/contract/record-batch-encode.ts'
import { GroupId, Offset } from '../../../src/contract/types.ts'
import { GrpcLogClient } from '../../../src/experiment/load/grpc-log-client.ts'
import { systemClock } from '../../../src/os/clock.ts'
import { crc32c } from '../../../src/os/crc32c.ts'
import type { Guard } from '../../../src/os/guard.ts'
import type { GuardedProcess } from '../../../src/os/guarded-process.ts'
import { packageRoot } from '../../../src/os/package-root.ts'
import { freePorts } from '../../../src/os/ports.ts'
import { settles } from '../../../src/os/within.ts'
import { pause, ScriptedPeers } from './scripted-peers.ts'

const GROUP = GroupId(0)
const SERVES_MS_MAX = 20_000
const RUN_ID = 'mutants'
const encoder = new BatchEncoder(crc32c)

export type LabOptions = {
  readonly guard: Guard
  /** The bundled program of a node. */
  readonly program: string
  /** For all files; made here. */
  readonly directory: string
  readonly nodes: number
  /** Who campaigns at once: 1 is the real node. */
  readonly firstLeader: number
  readonly timing: NodeConfig['timing']
}

/** One real node, the scripted rest of its cluster, and a client. */
export class RealNode {
  readonly peers: ScriptedPeers
  readonly #options: LabOptions
  readonly #configFile: string
  readonly #client: GrpcLogClient
  #process: GuardedProcess | undefined
  #sequence = 0

  private constructor(options: LabOptions, address: string, peers: ScriptedPeers) {
    this.#options = options
    this.peers = peers
    this.#configFile = join(options.directory, 'config.json')
    const window = { windowRequests: 100, windowBytes: 1 << 20 }
    this.#client = new GrpcLogClient({ clock: systemClock, address, runId: RUN_ID, ...window })
  }

  static async prepare(options: LabOptions): Promise<RealNode> {
    const { directory, nodes, firstLeader, timing } = options
    mkdirSync(join(directory, 'data'), { recursive: true })
    const ports = await freePorts(nodes)
    const all = ports.map((port, at) => ({ node: at + 1, address: `127.0.0.1:${port}` }))
    const own = all[0]?.address ?? ''
    const config: NodeConfig = {
      ...{ contract: 1, runId: RUN_ID, node: 1, raft: 'event', listen: own, nodes: all },
      ...{ groups: [GROUP], firstLeader, directory: join(directory, 'data') },
      ...{ store: 'wal', durability: 'D2', syncDelayMs: 0, linkDelayMs: 0, timing, tuning: {} },
      ...{ batchBytesMax: 1 << 20, threads: 2, seed: 1 },
    }
    const addresses = new Map(all.map(({ node, address }) => [node, address]))
    const peers = await ScriptedPeers.start(RUN_ID, addresses)
    const real = new RealNode(options, own, peers)
    writeFileSync(real.#configFile, JSON.stringify(config))
    return real
  }

  /** Resolves once it serves. */
  async start(): Promise<void> {
    const { guard, program, directory } = this.#options
    const process = await guard.start({
      argv: [globalThis.process.execPath, program, this.#configFile],
      directory: packageRoot,
      stderrFile: join(directory, 'stderr.log'),
    })
    this.#process = process
    const said = new Promise<boolean>((resolve) => {
      process.onLine(() => resolve(true))
      void process.ended.then(() => resolve(false))
    })
    if ((await settles(said, systemClock, SERVES_MS_MAX)) && (await said)) return
    const stderr = readFileSync(join(directory, 'stderr.log'), 'utf8')
    throw new Error(`the node does not serve: ${stderr}`)
  }

  async kill(): Promise<void> {
    this.#process?.signal('SIGKILL')
    await this.#process?.ended
  }

  /** The answer to a batch of one record, or undefined after `limitMs`. */
  async produce(limitMs: number): Promise<ProduceResult | undefined> {
    this.#sequence += 1
    const producer = { id: 1_000 + this.#sequence, epoch: 0, baseSequence: 0 }
    const records = [{ value: Buffer.from(`record ${this.#sequence}`) }]
    const batch = encoder.encode({ records, timestampMs: 0, producer })
    const request = { partition: GROUP, acks: 'quorum', timeoutMs: limitMs, batch } as const
    const answer = new Promise<ProduceResult>((resolve) => this.#client.produce(request, resolve))
    return Promise.race([answer, pause(limitMs).then(() => undefined)])
  }

  /** The code with which a fetch within the lease is answered. */
  leaseFetch(): Promise<string> {
    return new Promise((resolve) => {
      this.#client.fetch(
        {
          ...{ partition: GROUP, offset: Offset(0), consistency: 'lease' },
          ...{ bytesMax: 1 << 20, waitMsMax: 0 },
        },
        ({ code }) => resolve(code),
      )
    })
  }

  async close(): Promise<void> {
    await this.kill()
    this.#client.close()
    this.peers.close()
  }
}
