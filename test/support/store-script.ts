import type { Clock } from '../../src/base/clock.ts'
import { crc32c } from '../../src/base/crc32c.ts'
import { prngFromSeed } from '../../src/base/prng.ts'
import type { Durability } from '../../src/contract/durability.ts'
import { GroupId, NodeId } from '../../src/contract/types.ts'
import type { Disk } from '../../src/replica/store/disk.ts'
import type { Store, StoreAdapter } from '../../src/replica/store/store.ts'
import { type DiskOperation, VirtualDisk } from '../../src/replica/store/virtual-disk.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'

export const DIRECTORY = '/node/groups/0'

export type Machine = { readonly clock: ManualClock; readonly disk: VirtualDisk }

export function createMachine(
  seed: number,
  beforeOperation: (operation: DiskOperation) => void = () => {},
): Machine {
  const clock = createManualClock()
  const prng = prngFromSeed(seed)
  const disk = new VirtualDisk({ clock, prng, syncNsMin: 500, syncNsMax: 2000, beforeOperation })
  return { clock, disk }
}

export const openOn = (
  { clock, disk }: { readonly clock: Clock; readonly disk: Disk },
  adapter: StoreAdapter,
  durability: Durability = 'D2',
  { node, group } = { node: 1, group: 0 },
): Store =>
  adapter.open({
    directory: DIRECTORY,
    node: NodeId(node),
    group: GroupId(group),
    durability,
    disk,
    clock,
    crc32c,
    syncDelayNs: 0,
  })
