import type { Durability } from '../../contract/durability.ts'
import type { Verdict } from './run-record.ts'

/** What one node did while batches were acknowledged. */
export type NodeSyncs = {
  readonly node: number
  /** Calls that the system saw; undefined where nobody could look. */
  readonly systemSyncs: number | undefined
  /** Calls that the node itself counted. */
  readonly countedSyncs: number
  readonly bytesWritten: number
}

/** So many requests outstanding, and what came of it. */
export type SyncCase = {
  readonly inFlight: number
  readonly acknowledged: number
  readonly nodes: readonly NodeSyncs[]
}

/** What `raftmark check durability --json` prints. */
export type DurabilityRecord = {
  readonly schema: 'raftmark/durability/1'
  readonly takenAt: string
  readonly subject: string
  readonly nodes: number
  readonly claimed: Durability
  /** Null when nothing was acknowledged. */
  readonly observed: Durability | null
  /** `system`: strace saw the calls. `counters`: the nodes' own word, which is no proof. */
  readonly source: 'system' | 'counters'
  readonly sourceDetail: string
  /** Syncs per acknowledged batch and node of a majority, with one in flight and with 64. */
  readonly syncsPerAck: { readonly alone: number; readonly together: number }
  readonly cases: readonly SyncCase[]
  /** `invalid`: less was observed than claimed. `unknown`: the system could not be watched. */
  readonly verdict: Verdict
}
