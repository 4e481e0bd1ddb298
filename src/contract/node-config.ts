import type { Durability } from './durability.ts'

/** The version of the contract: of the protocol files, the handshake and this configuration. */
export const CONTRACT_VERSION = 1

/**
 * What the harness hands to one node: written as JSON to a file whose path is the last argument of
 * the adapter's start command. The node ends when its standard input ends.
 */
export type NodeConfig = {
  readonly contract: typeof CONTRACT_VERSION
  /** Peers and clients of another run are refused. */
  readonly runId: string
  readonly node: number
  /** The raft's name, as adapters/raft/NAME: one program may serve several. */
  readonly raft: string
  /** Where this node listens, host:port. */
  readonly listen: string
  /** All nodes, this one included. */
  readonly nodes: readonly { readonly node: number; readonly address: string }[]
  /** Every node hosts every group, with all nodes as voters. */
  readonly groups: readonly number[]
  /** Starts an election at once in every group, when the cluster is new. */
  readonly firstLeader: number
  /** The node's own; exists and is empty when the cluster is new. */
  readonly directory: string
  readonly store: string
  readonly durability: Durability
  /** Added to every sync. 0: none. */
  readonly syncDelayMs: number
  /**
   * Added to the way of every message between two nodes, on all lanes: held by the sender for so
   * long before it is sent, any number at once, their order kept. A round trip takes twice that
   * longer; clients' requests do not. 0: none.
   */
  readonly linkDelayMs: number
  /**
   * Keep what is not synced in the process alone, so that SIGKILL is a power cut: for checks.
   * Absent: no. Stores that open their own files cannot, and must then refuse to start.
   */
  readonly volatileTail?: true
  readonly timing: {
    readonly heartbeatMs: number
    readonly electionMinMs: number
    readonly electionMaxMs: number
  }
  /** What `@TUNING` of the subject stands for: the adapter's own words. */
  readonly tuning: Readonly<Record<string, string | number | boolean>>
  readonly batchBytesMax: number
  /** Runtime threads: libuv, tokio, GOMAXPROCS. */
  readonly threads: number
  readonly seed: number
}

/** The one line on standard output with which a node says that it serves. */
export type Handshake = { readonly raftmark: typeof CONTRACT_VERSION; readonly address: string }
