import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert } from '../../base/assert.ts'
import type { Durability } from '../../contract/durability.ts'
import { CONTRACT_VERSION, type NodeConfig } from '../../contract/node-config.ts'
import { systemClock } from '../../os/clock.ts'
import type { Guard } from '../../os/guard.ts'
import type { GuardedProcess } from '../../os/guarded-process.ts'
import { freePorts } from '../../os/ports.ts'
import { costOfProcess } from '../../os/proc.ts'
import { within } from '../../os/within.ts'
import type { Adapter } from '../cluster/adapter-manifest.ts'
import type { Cluster, ClusterSettings } from '../cluster/cluster.ts'
import { openNodeProbe } from '../cluster/grpc-node-probe.ts'
import { startCluster } from '../cluster/start-cluster.ts'
import { Broken } from './broken.ts'
import { ContractStream, type Transcript } from './contract-stream.ts'
import { LogSession } from './log-session.ts'

/** Every rule that breaks nothing gets a partition of one shared cluster for itself. */
const SHARED_GROUPS = 48
const NODES = 3
/**
 * A small harness: starts the node, holds its input, says its pid once it serves. Detached, since a
 * guard kills the rest of a group whose first process has ended.
 */
const PARENT = `
const [program, ...rest] = JSON.parse(process.argv[1])
const options = { stdio: ['pipe', 'pipe', 'inherit'], detached: true }
const node = require('node:child_process').spawn(program, rest, options)
node.stdout.once('data', () => process.stdout.write(node.pid + '\\n'))
process.stdin.resume()
`
const BATCH_BYTES_MAX = 64 * 1024

export type AdapterLabOptions = {
  readonly adapter: Adapter
  readonly guard: Guard
  /** Does not exist; is made, and removed with the guard. */
  readonly directory: string
  /** What its nodes are told as tuning; nothing when left out. */
  readonly tuning?: Readonly<Record<string, string | number | boolean>>
}

/** What rules work with: nodes of the adapter, alone or as a cluster, and streams to them. */
export class AdapterLab {
  readonly #options: AdapterLabOptions
  readonly runId = 'adapter-check'
  readonly batchBytesMax = BATCH_BYTES_MAX
  /** The exchange of the rule that runs now. */
  transcript: Transcript = []
  #shared: Promise<Cluster> | undefined
  #nextGroup = 0
  #clusters = 0
  #processes = 0
  readonly #closers: (() => Promise<void> | void)[] = []

  constructor(options: AdapterLabOptions) {
    this.#options = options
  }

  get adapter(): Adapter {
    return this.#options.adapter
  }

  /** What clusters are started with: the strongest that is claimed, up to D2. */
  get durability(): Durability {
    const { durability } = this.adapter.manifest.claims
    return durability === 'D3' ? 'D2' : durability
  }

  /** A partition of the shared cluster that no other rule uses. */
  async partition(): Promise<LogSession> {
    this.#shared ??= this.cluster(Array.from({ length: SHARED_GROUPS }, (_, group) => group))
    const cluster = await this.#shared
    const group = this.#nextGroup
    this.#nextGroup += 1
    assert(group < SHARED_GROUPS, 'more rules than partitions')
    return this.session(cluster, group)
  }

  session(cluster: Cluster, group: number): LogSession {
    const session = new LogSession(this, cluster, group)
    this.#closers.push(() => session.close())
    return session
  }

  /** How often leaders changed in the shared cluster: what a rule saw then may be the change. */
  async elections(): Promise<number> {
    const cluster = await this.#shared?.catch(() => undefined)
    return cluster?.elections ?? 0
  }

  /** A cluster of three that the caller may break. Stopped by `close`. */
  async cluster(groups: readonly number[]): Promise<Cluster> {
    this.#clusters += 1
    const name = `cluster-${this.#clusters}`
    this.transcript.push(`starts ${name}: ${NODES} nodes, ${groups.length} groups`)
    const cluster = await startCluster({
      adapter: this.adapter,
      settings: this.#settings(groups),
      nodes: NODES,
      runDirectory: join(this.#options.directory, name),
      dataDirectory: join(this.#options.directory, `${name}-data`),
      guard: this.#options.guard,
      openProbe: openNodeProbe,
    })
    this.#closers.push(() => cluster.stop())
    return cluster
  }

  /** One process of a cluster of one, not waited for. `change` makes its configuration wrong. */
  async process(change: object = {}): Promise<{
    readonly process: GuardedProcess
    readonly argv: readonly [string, ...string[]]
    readonly address: string
    readonly lines: readonly string[]
  }> {
    const config = await this.#configOfOne(change)
    const configFile = `${config.directory}.json`
    await writeFile(configFile, JSON.stringify(config))
    const argv = commandOf(this.adapter, configFile)
    const process = await this.#options.guard.start({
      argv,
      directory: this.adapter.directory,
      stderrFile: `${config.directory}.stderr`,
    })
    this.transcript.push(`starts ${argv.join(' ')}`)
    const lines: string[] = []
    process.onLine((line) => {
      this.transcript.push(`stdout: ${line}`)
      lines.push(line)
    })
    this.#closers.push(() => process.signal('SIGKILL'))
    return { process, argv, address: config.listen, lines }
  }

  /** Starts a node from a process in between, and resolves once the node serves. */
  async grandchild(
    limitMs: number,
  ): Promise<{ readonly process: GuardedProcess; readonly childPid: number }> {
    const config = await this.#configOfOne({})
    const configFile = `${config.directory}.json`
    await writeFile(configFile, JSON.stringify(config))
    const command = commandOf(this.adapter, configFile)
    const process = await this.#options.guard.start({
      argv: [globalThis.process.execPath, '-e', PARENT, JSON.stringify(command)],
      directory: this.adapter.directory,
      stderrFile: `${config.directory}.stderr`,
    })
    this.#closers.push(() => process.signal('SIGKILL'))
    const served = new Promise<number>((resolve) => {
      process.onLine((line) => resolve(Number(line)))
    })
    const late = () => new Broken(`a node that serves within ${limitMs} ms`, 'none')
    const childPid = await within(served, { clock: systemClock, limitMs, late })
    this.#closers.push(() => {
      if (this.isAlive(childPid)) globalThis.process.kill(childPid, 'SIGKILL')
    })
    return { process, childPid }
  }

  /** SIGKILLs this process and none that it started, as when a harness dies. */
  killAlone({ pid }: GuardedProcess): void {
    process.kill(pid, 'SIGKILL')
  }

  isAlive(pid: number): boolean {
    return costOfProcess(pid) !== undefined
  }

  stream(address: string, method: 'Produce' | 'Fetch'): ContractStream {
    const stream = new ContractStream(this.transcript, address, method)
    this.#closers.push(() => stream.close())
    return stream
  }

  /** Stops all that was started. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close()
  }

  async #configOfOne(change: object): Promise<NodeConfig> {
    this.#processes += 1
    const directory = join(this.#options.directory, `process-${this.#processes}`)
    await mkdir(directory, { recursive: true })
    const [port] = await freePorts(1)
    const listen = `127.0.0.1:${port}`
    return {
      contract: CONTRACT_VERSION,
      ...this.#settings([0]),
      node: 1,
      raft: this.adapter.manifest.name,
      listen,
      nodes: [{ node: 1, address: listen }],
      firstLeader: 1,
      directory,
      ...change,
    }
  }

  #settings(groups: readonly number[]): ClusterSettings {
    const { stores } = this.adapter.manifest.claims
    return {
      runId: this.runId,
      groups,
      store: stores.includes('wal') ? 'wal' : (stores[0] ?? ''),
      durability: this.durability,
      syncDelayMs: 0,
      linkDelayMs: 0,
      timing: { heartbeatMs: 100, electionMinMs: 1_000, electionMaxMs: 2_000 },
      tuning: this.#options.tuning ?? {},
      batchBytesMax: BATCH_BYTES_MAX,
      threads: 2,
      seed: 1,
    }
  }
}

export const nowMs = (): number => systemClock.nowNs() / 1e6

export const sleepMs = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    systemClock.wakeAt(systemClock.nowNs() + ms * 1e6, resolve)
  })

function commandOf(adapter: Adapter, configFile: string): readonly [string, ...string[]] {
  const [program = '', ...rest] = adapter.manifest.start
  return [program === 'node' ? process.execPath : program, ...rest, configFile]
}
