import type { Durability } from '../../contract/durability.ts'
import type { SyncCase } from '../history/durability-record.ts'

export type DurabilityFinding = {
  /** Undefined when nothing was acknowledged. */
  readonly observed: Durability | undefined
  /** Syncs per acknowledged batch and node of a majority, with least and with most in flight. */
  readonly syncsAlone: number
  readonly syncsTogether: number
}

/** What was already in the air when counting began and ended: one batch in twenty. */
const PER_BATCH_MIN = 0.95

const order: readonly Durability[] = ['D0', 'D1', 'D2', 'D3']

/**
 * The class that the syncs show. With one request outstanding each acknowledgement needs a sync of
 * its own on a majority, or it was given without one; with many, sharing tells D2 from D3. What
 * writes nothing at all is memory.
 */
export function observedDurability(cases: readonly SyncCase[]): DurabilityFinding {
  const byWindow = [...cases].sort((one, other) => one.inFlight - other.inFlight)
  const [alone, together] = [byWindow[0], byWindow.at(-1)]
  const syncsAlone = majoritySyncsPerAck(alone)
  const syncsTogether = majoritySyncsPerAck(together)
  const found = { syncsAlone, syncsTogether }
  if (alone === undefined || alone.acknowledged === 0) return { ...found, observed: undefined }
  if (syncsAlone >= PER_BATCH_MIN) {
    return { ...found, observed: syncsTogether >= PER_BATCH_MIN ? 'D3' : 'D2' }
  }
  const writes = alone.nodes.some(({ bytesWritten }) => bytesWritten > 0)
  return { ...found, observed: writes || syncsAlone > 0 ? 'D1' : 'D0' }
}

/** Whether less was seen than is claimed. */
export const contradicts = (claimed: Durability, observed: Durability): boolean =>
  order.indexOf(observed) < order.indexOf(claimed)

/**
 * Each acknowledgement waits for a sync on as many nodes as a majority has, and not always on the
 * same ones: a follower that is behind covers several batches at once while another is ahead. So
 * their sum counts; more than one a batch on one node makes up for nothing.
 */
function majoritySyncsPerAck(one: SyncCase | undefined): number {
  if (one === undefined || one.acknowledged === 0) return 0
  const sum = one.nodes
    .map(({ systemSyncs, countedSyncs }) => (systemSyncs ?? countedSyncs) / one.acknowledged)
    .reduce((total, perAck) => total + Math.min(1, perAck), 0)
  return sum / (Math.floor(one.nodes.length / 2) + 1)
}
