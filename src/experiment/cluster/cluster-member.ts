import { mkdir, writeFile } from 'node:fs/promises'
import { assert } from '../../base/assert.ts'
import { type Clock, sleepUntil } from '../../base/clock.ts'
import { RaftmarkError } from '../../base/errors.ts'
import type { NodeConfig } from '../../contract/node-config.ts'
import type { Guard } from '../../os/guard.ts'
import type { GuardedProcess } from '../../os/guarded-process.ts'
import { EXIT_PORT_TAKEN } from '../../os/ports.ts'
import { costOfProcess } from '../../os/proc.ts'
import { settles } from '../../os/within.ts'
import type { Adapter } from './adapter-manifest.ts'
import type { ClusterLimits, ClusterNode, ClusterOptions, NodeSnapshot } from './cluster.ts'
import { awaitHandshake, howItEnded, type Launch, launchError } from './handshake.ts'
import {
  type GroupView,
  NoAnswer,
  type NodeCounters,
  type NodeProbe,
  type OpenNodeProbe,
} from './node-probe.ts'

const NS_PER_MS = 1_000_000

export type MemberOptions = {
  readonly adapter: Adapter
  readonly config: NodeConfig
  /** `nodes/<n>` of the run's folder. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  readonly guard: Guard
  readonly house: ClusterOptions['house']
  readonly openProbe: OpenNodeProbe
  readonly limits: ClusterLimits
  readonly clock: Clock
  readonly onView: (view: GroupView) => void
  readonly onFailure: (failure: RaftmarkError) => void
}

/** One node of a cluster, through all the processes that it has been. */
export class ClusterMember {
  readonly #options: MemberOptions
  #state: 'idle' | 'starting' | 'running' | 'paused' | 'killed' | 'stopped' = 'idle'
  #launch: Launch | undefined
  #probe: NodeProbe | undefined
  /** It missed a limit: when it is stopped, nothing but SIGKILL is worth waiting for. */
  #isDeaf = false

  constructor(options: MemberOptions) {
    this.#options = options
  }

  get identity(): ClusterNode {
    const { node, listen } = this.#options.config
    return { node, address: listen, pid: this.#process.pid }
  }

  get isReachable(): boolean {
    return this.#state === 'running'
  }

  /** Starts a process; resolves once it serves, or once it has found its port taken. */
  async start(signal?: AbortSignal): Promise<'serves' | 'port-taken'> {
    this.#state = 'starting'
    this.#isDeaf = false
    const launch = await this.#startProcess()
    this.#launch = launch
    if (this.#isStopped()) launch.process.signal('SIGKILL')
    try {
      const { clock, limits, onFailure } = this.#options
      await awaitHandshake(launch, {
        clock,
        limitMs: limits.handshakeMs,
        signal,
        onMore: (failure) => void failure.then(onFailure),
      })
    } catch (error) {
      if (launch.process.end?.exitCode === EXIT_PORT_TAKEN) return 'port-taken'
      this.#isDeaf = error instanceof RaftmarkError && error.code === 'adapter-handshake-failed'
      throw error
    }
    if (this.#isStopped()) return 'serves'
    this.#state = 'running'
    void launch.process.ended.then(() => this.#onEnd(launch))
    this.#watch()
    return 'serves'
  }

  async kill(): Promise<void> {
    assert(this.#state === 'running' || this.#state === 'paused', `node is ${this.#state}`)
    this.expectKill()
    await this.endKilled()
  }

  /** From now on what the node does or fails to do is no failure. */
  expectKill(): void {
    this.#leave('killed')
  }

  /** SIGKILL to a node of which that is expected; one that has ended by itself is gone already. */
  async endKilled(): Promise<void> {
    assert(this.#state === 'killed', `node is ${this.#state}`)
    this.#process.signal('SIGKILL')
    await this.#process.ended
  }

  pause(): void {
    assert(this.#state === 'running', `node is ${this.#state}`)
    this.#leave('paused')
    this.#process.signal('SIGSTOP')
  }

  resume(): void {
    assert(this.#state === 'paused', `node is ${this.#state}`)
    this.#process.signal('SIGCONT')
    this.#state = 'running'
    this.#watch()
  }

  /** Starts a killed node again. Its port may be taken for a moment by a client's connection. */
  async restart(): Promise<void> {
    assert(this.#state === 'killed', `node is ${this.#state}`)
    const { clock, limits } = this.#options
    for (let tries = 1; tries <= limits.portTries; tries += 1) {
      if ((await this.start()) === 'serves') return
      await sleepUntil(clock, clock.nowNs() + limits.portWaitMs * NS_PER_MS)
    }
    throw await launchError(this.#launchOrFail, 'adapter-exited', 'found its port taken')
  }

  /** 0 when its process has ended: that is told as a failure. */
  cpuNs(): number {
    return costOfProcess(this.#process.pid)?.cpuNs ?? 0
  }

  async snapshot(
    leads: readonly number[],
    answerMs = this.#options.limits.answerMs,
  ): Promise<NodeSnapshot> {
    const { config } = this.#options
    const cost = costOfProcess(this.#process.pid)
    if (cost === undefined) {
      throw await launchError(this.#launchOrFail, 'adapter-exited', 'is gone while it is needed')
    }
    assert(this.#probe !== undefined, 'a running node has a probe')
    return {
      node: config.node,
      ...cost,
      counters: await this.#countersOf(this.#probe, answerMs),
      leads,
    }
  }

  async #countersOf(probe: NodeProbe, answerMs: number): Promise<NodeCounters> {
    const { clock, limits } = this.#options
    const launch = this.#launchOrFail
    try {
      return await probe.counters(answerMs)
    } catch (cause) {
      // A process that is about to be known as ended must not be called unresponsive.
      await settles(launch.process.ended, clock, limits.watchEndMs)
      const { end } = launch.process
      if (end !== undefined) throw await launchError(launch, 'adapter-exited', howItEnded(end))
      this.#isDeaf = cause instanceof NoAnswer
      const what = this.#isDeaf
        ? `did not answer within ${answerMs / 1_000} s (limit answerMs)`
        : `refused the call Counters: ${cause instanceof Error ? cause.message : String(cause)}`
      throw await launchError(launch, 'node-unresponsive', what)
    }
  }

  /** Ends its process, if any: by the end of its standard input, then harder and harder. */
  async stop(): Promise<void> {
    const isDeaf = this.#isDeaf || this.#state === 'paused'
    this.#leave('stopped')
    const process = this.#launch?.process
    if (process === undefined) return
    const { clock, limits } = this.#options
    if (!isDeaf) {
      process.endInput()
      if (await settles(process.ended, clock, limits.endMs)) return
      process.signal('SIGTERM')
      if (await settles(process.ended, clock, limits.terminateMs)) return
    }
    process.signal('SIGKILL')
    await settles(process.ended, clock, limits.killMs)
  }

  get #launchOrFail(): Launch {
    assert(this.#launch !== undefined, 'the node was never started')
    return this.#launch
  }

  get #process(): GuardedProcess {
    return this.#launchOrFail.process
  }

  /** Not a comparison in place: the compiler does not know that `stop` may run during an await. */
  #isStopped(): boolean {
    return this.#state === 'stopped'
  }

  async #startProcess(): Promise<Launch> {
    const { adapter, config, directory, environment, guard, house } = this.#options
    await mkdir(directory, { recursive: true })
    await mkdir(config.directory, { recursive: true })
    const configFile = `${directory}/config.json`
    await writeFile(configFile, `${JSON.stringify(config, undefined, 2)}\n`)
    const own = commandOf(adapter, configFile)
    const argv = (await house?.(config.node, config.directory, own)) ?? own
    const stderrFile = `${directory}/stderr.log`
    const command = { argv, directory: adapter.directory, environment, stderrFile }
    return {
      ...command,
      adapter: adapter.manifest.name,
      node: config.node,
      address: config.listen,
      process: await guard.start(command),
    }
  }

  #watch(): void {
    const { config, onView, onFailure, openProbe } = this.#options
    const probe = openProbe({
      node: config.node,
      address: config.listen,
      runId: config.runId,
    })
    this.#probe = probe
    probe.watch(
      (view) => {
        if (this.#probe !== probe) return
        onView(view)
        if (view.failure !== undefined) {
          const what = `stopped serving group ${view.group}: ${view.failure}`
          void launchError(this.#launchOrFail, 'adapter-exited', what).then(onFailure)
        }
      },
      (reason) => void this.#onWatchEnd(probe, reason),
    )
  }

  async #onWatchEnd(probe: NodeProbe, reason: Error): Promise<void> {
    const launch = this.#launchOrFail
    const { clock, limits, onFailure } = this.#options
    if (this.#probe !== probe) return
    if (await settles(launch.process.ended, clock, limits.watchEndMs)) return
    if (this.#probe !== probe || this.#state !== 'running') return
    const what = `runs, but ended its Watch stream: ${reason.message}`
    onFailure(await launchError(launch, 'node-unresponsive', what))
  }

  async #onEnd(launch: Launch): Promise<void> {
    if (this.#launch !== launch || this.#state === 'killed' || this.#state === 'stopped') return
    const ended = launch.process.end
    assert(ended !== undefined, 'an ended process has an end')
    this.#leave('killed')
    const what = `${howItEnded(ended)} while it was needed`
    this.#options.onFailure(await launchError(launch, 'adapter-exited', what))
  }

  #leave(state: 'paused' | 'killed' | 'stopped'): void {
    this.#state = state
    this.#probe?.close()
    this.#probe = undefined
  }
}

/** `node` means the Node that runs us, so that one version measures and is recorded. */
function commandOf(adapter: Adapter, configFile: string): readonly [string, ...string[]] {
  const [program, ...rest] = adapter.manifest.start
  assert(program !== undefined, 'the schema asks for a start command')
  return [program === 'node' ? process.execPath : program, ...rest, configFile]
}
