import type { Clock } from '../../base/clock.ts'
import type { Prng } from '../../base/prng.ts'
import { GroupId, NodeId } from '../../contract/types.ts'
import type { Design } from '../../replica/engine/design.ts'
import { createEngine } from '../../replica/engine/engine.ts'
import type { Replica } from '../../replica/engine/replica.ts'
import type { Store } from '../../replica/store/store.ts'
import { MemoryNetwork } from '../../replica/transport/memory-transport.ts'

/** One group whose replicas all live in this process: no sockets, no serialisation, one thread. */
export type InProcessCluster = {
  /** In the order of the node ids, from 1 on. */
  readonly replicas: readonly Replica[]
  close(): void
}

/** Starts `nodes` replicas of one group over a network in memory; the first campaigns at once. */
export function startInProcessCluster(options: {
  readonly nodes: number
  readonly design: Design
  readonly openStore: (node: NodeId, group: GroupId) => Store
  readonly clock: Clock
  readonly prng: Prng
  readonly batchBytesMax: number
}): InProcessCluster {
  const { clock, design, batchBytesMax } = options
  const group = GroupId(0)
  const voters = Array.from({ length: options.nodes }, (_, at) => NodeId(at + 1))
  const network = new MemoryNetwork(clock)
  const replicas = voters.map((node) => {
    const transport = network.connect(node)
    const replica = createEngine({
      group,
      node,
      voters,
      design,
      store: options.openStore(node, group),
      transport,
      clock,
      prng: options.prng.fork(`node ${node}`),
      batchBytesMax,
    })
    transport.receive((_, message) => replica.receive(message))
    return replica
  })
  replicas[0]?.campaign()
  return {
    replicas,
    close: () => {
      for (const replica of replicas) replica.close(() => {})
    },
  }
}
