import type { RaftmarkError } from '../../base/errors.ts'
import type { NodeConfig } from '../../contract/node-config.ts'
import type { Guard } from '../../os/guard.ts'
import type { Adapter } from './adapter-manifest.ts'
import type { NodeCounters, OpenNodeProbe } from './node-probe.ts'

/** All that a cluster's nodes are told alike. */
export type ClusterSettings = Pick<
  NodeConfig,
  | 'runId'
  | 'groups'
  | 'store'
  | 'durability'
  | 'syncDelayMs'
  | 'linkDelayMs'
  | 'volatileTail'
  | 'timing'
  | 'tuning'
  | 'batchBytesMax'
  | 'threads'
  | 'seed'
>

export type ClusterOptions = {
  readonly adapter: Adapter
  readonly settings: ClusterSettings
  /** How many; their ids are 1…nodes, and node 1 campaigns at once. */
  readonly nodes: number
  /** The run's folder: `nodes/<n>/{config.json,stderr.log,counters.json}` are kept in it. */
  readonly runDirectory: string
  /** Where node n keeps its log, as `<n>/`. Made here; removed by `stop` and by the warden. */
  readonly dataDirectory: string
  /** Added to the environment of every node. */
  readonly environment?: Readonly<Record<string, string>>
  readonly guard: Guard
  readonly openProbe: OpenNodeProbe
  /**
   * Called before each start of a node, when none of its processes is left: what it returns is
   * started instead, and must become the node's process. For nodes on volumes of their own.
   */
  readonly house?: (
    node: number,
    directory: string,
    argv: readonly [string, ...string[]],
  ) => Promise<readonly [string, ...string[]]>
  /** Aborts the start, and stops what was started by then. */
  readonly signal?: AbortSignal
  readonly limits?: Partial<ClusterLimits>
}

/** How long the harness waits for a node before it says that it is broken. */
export type ClusterLimits = {
  /** From the start of a process to its handshake line. */
  readonly handshakeMs: number
  /** From the last handshake until every group has a leader. */
  readonly leaderMs: number
  /** From the end of its standard input to a node's own end; then SIGTERM. */
  readonly endMs: number
  /** From SIGTERM to SIGKILL. */
  readonly terminateMs: number
  /** From SIGKILL to the system's word that the process is gone. */
  readonly killMs: number
  /** For one answer of a probe. */
  readonly answerMs: number
  /** For the last counters of a node that is about to be stopped; it leaves none otherwise. */
  readonly lastWordMs: number
  /** From the end of a Watch stream to the end of its process, before it counts as a fault. */
  readonly watchEndMs: number
  /** Between two tries to take a port again. */
  readonly portWaitMs: number
  /** How often a node is started on other ports when its port was taken. */
  readonly portTries: number
}

export const defaultLimits: ClusterLimits = {
  handshakeMs: 20_000,
  leaderMs: 20_000,
  endMs: 2_000,
  terminateMs: 2_000,
  killMs: 5_000,
  answerMs: 5_000,
  lastWordMs: 1_000,
  watchEndMs: 1_000,
  portWaitMs: 200,
  portTries: 5,
}

/** One node at one moment. Two of them around a measurement give its cost. */
export type NodeSnapshot = {
  readonly node: number
  /** CPU time of all threads since the process started, living and ended ones. */
  readonly cpuNs: number
  /** How long its threads were ready to run and had no core. */
  readonly runDelayNs: number
  readonly rssBytes: number
  /** The most it ever had. */
  readonly rssBytesMax: number
  readonly counters: NodeCounters
  /** Groups that it leads. */
  readonly leads: readonly number[]
}

export type ClusterNode = {
  readonly node: number
  readonly address: string
  readonly pid: number
}

/** Processes that form one cluster, one per node. */
export interface Cluster {
  /** The nodes as they run now: `restart` gives one a new pid, at the same address. */
  readonly nodes: readonly ClusterNode[]
  /** The leader that most recently announced itself, with the highest term. */
  leaderOf(group: number): number | undefined
  /** Leaders that took over after `startCluster` returned, summed over all groups. */
  readonly elections: number
  /**
   * Of every node that was not killed or paused. Rejects when one of them does not answer within
   * `answerMs`.
   */
  snapshot(): Promise<readonly NodeSnapshot[]>
  /** CPU time of every node that was not killed or paused, as the operating system counts it. */
  cpuNs(): number
  /**
   * Resolves as soon as every group has a leader. Rejects with RaftmarkError `cluster-leaderless`
   * after `leaderMs`.
   */
  untilLed(): Promise<void>

  /** SIGKILL: resolves once the process is gone. */
  kill(node: number): Promise<void>
  /**
   * The same for several at once, each of which may have ended by itself. `first` is called
   * before: what the nodes do meanwhile, such as to fail on a disk that is gone, is no failure.
   */
  killTogether(nodes: readonly number[], first: () => Promise<void>): Promise<void>
  /** SIGSTOP. */
  pause(node: number): void
  /** SIGCONT. */
  resume(node: number): void
  /** Starts a killed node again on its own directory and address. */
  restart(node: number): Promise<void>

  /**
   * Called for every node that ends, or that stops serving a group, without having been told to.
   * At once for what happened before the call.
   */
  onFailure(listener: (failure: RaftmarkError) => void): void
  /**
   * Ends every node: end of its standard input, then SIGTERM, then SIGKILL, which wakes a stopped
   * one too. Writes counters.json first where a node still answers. Removes the data directory.
   * Any number of calls; never rejects for what a node does.
   */
  stop(): Promise<void>
}
