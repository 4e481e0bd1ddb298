import type { Clock } from '../../base/clock.ts'
import type { Prng } from '../../base/prng.ts'
import type { GroupId, NodeId } from '../../contract/types.ts'
import type { Store } from '../store/store.ts'
import type { Transport } from '../transport/transport.ts'
import type { Design } from './design.ts'
import type { SeparateLog } from './separate-log.ts'

export type EngineOptions = {
  readonly group: GroupId
  readonly node: NodeId
  /** All voters, this node included, ascending. */
  readonly voters: readonly NodeId[]
  readonly design: Design
  /** Opened for this group of this node. The engine closes it. */
  readonly store: Store
  /** What applies entries to a log of their own, exactly when the design's layout says so. */
  readonly separateLog?: SeparateLog | undefined
  readonly transport: Transport
  readonly clock: Clock
  readonly prng: Prng
  readonly batchBytesMax: number
}
