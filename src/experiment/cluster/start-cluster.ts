import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { RaftmarkError } from '../../base/errors.ts'
import { CONTRACT_VERSION, type NodeConfig } from '../../contract/node-config.ts'
import { systemClock } from '../../os/clock.ts'
import { freePorts } from '../../os/ports.ts'
import { within } from '../../os/within.ts'
import {
  type Cluster,
  type ClusterLimits,
  type ClusterNode,
  type ClusterOptions,
  defaultLimits,
  type NodeSnapshot,
} from './cluster.ts'
import { ClusterMember } from './cluster-member.ts'
import { Leadership } from './leadership.ts'

/**
 * Starts one process per node and resolves once every node serves and every group has a leader.
 * Rejects with RaftmarkError `adapter-handshake-failed` or `adapter-exited`, which quote the
 * command and the last lines of standard error, `cluster-leaderless`, or the signal's reason when
 * it was aborted; by then everything that it started is stopped again.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const limits = { ...defaultLimits, ...options.limits }
  for (let tries = 1; tries <= limits.portTries; tries += 1) {
    options.signal?.throwIfAborted()
    await options.guard.makeTemporary(options.dataDirectory)
    const cluster = new RunningCluster(options, limits, await freePorts(options.nodes))
    try {
      if ((await cluster.start()) === 'serves') return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
    await cluster.stop()
  }
  const message = `other programs took the nodes' ports ${limits.portTries} times in a row`
  throw new RaftmarkError('environment-lacking', message, {
    nextStep: 'Look what listens on so many ports of 127.0.0.1 (ss -ltn), and try again.',
  })
}

class RunningCluster implements Cluster {
  readonly #options: ClusterOptions
  readonly #limits: ClusterLimits
  readonly #members: ReadonlyMap<number, ClusterMember>
  readonly #leadership: Leadership
  readonly #failures: RaftmarkError[] = []
  readonly #listeners: ((failure: RaftmarkError) => void)[] = []
  #takeoversAtStart = 0
  #stopped: Promise<void> | undefined

  constructor(options: ClusterOptions, limits: ClusterLimits, ports: readonly number[]) {
    this.#options = options
    this.#limits = limits
    this.#leadership = new Leadership(options.settings.groups)
    const addresses = ports.map((port, at) => ({ node: at + 1, address: `127.0.0.1:${port}` }))
    const members = addresses.map(({ node }) => [node, this.#memberOf(node, addresses)] as const)
    this.#members = new Map(members)
  }

  get nodes(): readonly ClusterNode[] {
    return [...this.#members.values()].map((member) => member.identity)
  }

  get elections(): number {
    return this.#leadership.takeovers - this.#takeoversAtStart
  }

  leaderOf(group: number): number | undefined {
    return this.#leadership.leaderOf(group)
  }

  async start(): Promise<'serves' | 'port-taken'> {
    const { signal } = this.#options
    const members = [...this.#members.values()]
    const starts = await Promise.all(members.map((member) => member.start(signal)))
    if (starts.includes('port-taken')) return 'port-taken'
    const failure = new Promise<never>((_, reject) => this.onFailure(reject))
    await Promise.race([this.untilLed(), failure])
    this.#takeoversAtStart = this.#leadership.takeovers
    return 'serves'
  }

  untilLed(): Promise<void> {
    return within(this.#leadership.untilLed(), {
      clock: systemClock,
      limitMs: this.#limits.leaderMs,
      signal: this.#options.signal,
      late: () => this.#leaderless(),
    })
  }

  snapshot(): Promise<readonly NodeSnapshot[]> {
    const running = [...this.#members].filter(([, member]) => member.isReachable)
    return Promise.all(
      running.map(([node, member]) => member.snapshot(this.#leadership.ledBy(node))),
    )
  }

  cpuNs(): number {
    const running = [...this.#members.values()].filter((member) => member.isReachable)
    return running.reduce((sum, member) => sum + member.cpuNs(), 0)
  }

  async kill(node: number): Promise<void> {
    this.#leadership.forget(node)
    await this.#member(node).kill()
  }

  async killTogether(nodes: readonly number[], first: () => Promise<void>): Promise<void> {
    for (const node of nodes) {
      this.#leadership.forget(node)
      this.#member(node).expectKill()
    }
    try {
      await first()
    } finally {
      await Promise.all(nodes.map((node) => this.#member(node).endKilled()))
    }
  }

  pause(node: number): void {
    this.#leadership.forget(node)
    this.#member(node).pause()
  }

  resume(node: number): void {
    this.#member(node).resume()
  }

  async restart(node: number): Promise<void> {
    await this.#member(node).restart()
  }

  onFailure(listener: (failure: RaftmarkError) => void): void {
    this.#listeners.push(listener)
    for (const failure of this.#failures) listener(failure)
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    await Promise.all([...this.#members].map(([node, member]) => this.#keepCounters(node, member)))
    await Promise.all([...this.#members.values()].map((member) => member.stop()))
    await this.#options.guard.removeTemporary(this.#options.dataDirectory)
  }

  /** The last word of a node; one that does not answer any more leaves none. */
  async #keepCounters(node: number, member: ClusterMember): Promise<void> {
    if (!member.isReachable) return
    const leads = this.#leadership.ledBy(node)
    const snapshot = await member.snapshot(leads, this.#limits.lastWordMs).catch(() => undefined)
    if (snapshot === undefined) return
    const path = `${this.#directoryOf(node)}/counters.json`
    await writeFile(path, `${JSON.stringify(snapshot, undefined, 2)}\n`).catch(() => undefined)
  }

  #memberOf(node: number, nodes: NodeConfig['nodes']): ClusterMember {
    const { adapter, settings, guard, house, openProbe, dataDirectory } = this.#options
    return new ClusterMember({
      adapter,
      config: {
        contract: CONTRACT_VERSION,
        ...settings,
        node,
        raft: adapter.manifest.name,
        listen: nodes[node - 1]?.address ?? '',
        nodes,
        firstLeader: 1,
        directory: resolve(dataDirectory, String(node)),
      },
      directory: this.#directoryOf(node),
      environment: { ...runtimeThreads(settings.threads), ...this.#options.environment },
      guard,
      house,
      openProbe,
      limits: this.#limits,
      clock: systemClock,
      onView: (view) => this.#leadership.observe(node, view),
      onFailure: (failure) => {
        this.#leadership.forget(node)
        this.#failures.push(failure)
        for (const listener of this.#listeners) listener(failure)
      },
    })
  }

  #member(node: number): ClusterMember {
    const member = this.#members.get(node)
    if (member === undefined) throw new RangeError(`the cluster has no node ${node}`)
    return member
  }

  #directoryOf(node: number): string {
    return resolve(this.#options.runDirectory, 'nodes', String(node))
  }

  #leaderless(): RaftmarkError {
    const groups = this.#leadership.leaderless.join(', ')
    const limit = `${this.#limits.leaderMs / 1_000} s (limit leaderMs)`
    const message = `"${this.#options.adapter.manifest.name}" elected no leader within ${limit}`
    return new RaftmarkError('cluster-leaderless', `${message} in group ${groups}`, {
      nextStep: `Read what the nodes said in ${this.#options.runDirectory}/nodes/*/stderr.log.`,
    })
  }
}

/** Each runtime reads its own variable, and only when it starts. */
function runtimeThreads(threads: number): Readonly<Record<string, string>> {
  const count = String(threads)
  return {
    UV_THREADPOOL_SIZE: count,
    GOMAXPROCS: count,
    TOKIO_WORKER_THREADS: count,
    // What the harness was started with must not change what it measures.
    NODE_OPTIONS: '',
  }
}
