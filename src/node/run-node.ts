import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { prngFromSeed } from '../base/prng.ts'
import type { NodeConfig } from '../contract/node-config.ts'
import { GroupId, NodeId } from '../contract/types.ts'
import { crc32c } from '../os/crc32c.ts'
import { disk } from '../os/disk.ts'
import type { GcPauses } from '../os/gc-pauses.ts'
import type { Layout } from '../replica/engine/design.ts'
import { designTuned } from '../replica/engine/design-axes.ts'
import { createEngine } from '../replica/engine/engine.ts'
import type { Replica } from '../replica/engine/replica.ts'
import { type LogFolder, type OpenedLog, openLog } from '../replica/engine/separate-log.ts'
import { openStore } from '../replica/store/open-store.ts'
import type { Store } from '../replica/store/store.ts'
import { DelayedTransport } from '../replica/transport/delayed-transport.ts'
import { GrpcTransport } from '../replica/transport/grpc-transport.ts'
import { ContractServer } from './contract-server.ts'
import { NullReplica } from './null-replica.ts'
import { storeNamed } from './stores.ts'
import { volatileTail } from './volatile-tail.ts'

const NS_PER_MS = 1_000_000

export type RunningNode = {
  /** host:port */
  readonly address: string
  /** Answers what waits, closes stores, ends streams. Rejects when a store could not close. */
  close(): Promise<void>
}

/**
 * Opens the stores, starts the replicas and serves. Throws RaftmarkError when the configuration
 * names what is not there, `AddressInUse` when the port is taken; then nothing is left open.
 */
export async function runNode(
  config: NodeConfig,
  world: { readonly clock: Clock; readonly gcPauses: GcPauses },
): Promise<RunningNode> {
  const parts = config.raft === 'null' ? nullParts(config, world.clock) : raftParts(config, world)
  const { replicas, transport, delayed, isNew } = parts
  const server = new ContractServer({
    ...world,
    runId: config.runId,
    replicas,
    batchBytesMax: config.batchBytesMax,
    members: config.nodes.map(({ node }) => node),
    peers: transport,
    linkDelayNsP50: () => delayed?.delayNsP50,
  })
  const close = async (): Promise<void> => {
    await Promise.all([...replicas.values()].map(closeReplica))
    transport?.close()
    server.close()
  }
  try {
    const address = await server.listen(config.listen)
    if (isNew && config.node === config.firstLeader) {
      for (const replica of replicas.values()) replica.campaign()
    }
    return { address, close }
  } catch (error) {
    await close()
    throw error
  }
}

type Parts = {
  readonly replicas: ReadonlyMap<GroupId, Replica>
  readonly transport: GrpcTransport | undefined
  /** In front of it, where a delay is injected. */
  readonly delayed: DelayedTransport | undefined
  /** Whether every group starts from nothing. */
  readonly isNew: boolean
}

function nullParts(config: NodeConfig, clock: Clock): Parts {
  const node = NodeId(config.node)
  const leader = NodeId(config.firstLeader)
  const replicas = config.groups.map((number) => {
    const group = GroupId(number)
    return [group, new NullReplica({ group, node, leader, clock })] as const
  })
  return { replicas: new Map(replicas), transport: undefined, delayed: undefined, isNew: false }
}

function raftParts(config: NodeConfig, { clock }: { readonly clock: Clock }): Parts {
  const node = NodeId(config.node)
  const design = designTuned(config.raft, config.tuning, {
    heartbeatNs: config.timing.heartbeatMs * NS_PER_MS,
    electionNsMin: config.timing.electionMinMs * NS_PER_MS,
    electionNsMax: config.timing.electionMaxMs * NS_PER_MS,
  })
  const logs = openLogs(config, design.layout, clock)
  const voters = config.nodes.map((each) => NodeId(each.node)).sort((a, b) => a - b)
  const others = config.nodes.filter((each) => each.node !== config.node)
  const peers = new Map(others.map((each) => [NodeId(each.node), each.address]))
  const transport = new GrpcTransport({ clock, runId: config.runId, node, peers })
  const delayNs = config.linkDelayMs * NS_PER_MS
  const delayed = delayNs > 0 ? new DelayedTransport(transport, { clock, delayNs }) : undefined
  const links = delayed ?? transport
  const prng = prngFromSeed(config.seed).fork(`node ${node}`)
  const replicas = new Map<GroupId, Replica>()
  for (const [group, log] of logs) {
    const options = { group, node, voters, design, ...log, transport: links, clock }
    const { batchBytesMax } = config
    replicas.set(
      group,
      createEngine({ ...options, prng: prng.fork(`group ${group}`), batchBytesMax }),
    )
  }
  links.receive((group, message) => replicas.get(group)?.receive(message))
  return { replicas, transport, delayed, isNew: [...logs.values()].every(isEmpty) }
}

function openLogs(
  config: NodeConfig,
  layout: Layout,
  clock: Clock,
): ReadonlyMap<GroupId, OpenedLog> {
  const { durability, directory, syncDelayMs } = config
  const adapter = storeNamed(config.store, durability)
  const tail = config.volatileTail === true ? volatileTail() : undefined
  const opened = config.groups.map((number) => {
    const group = GroupId(number)
    const open = (folder: LogFolder): Store =>
      openStore(adapter, {
        directory: join(directory, folder, String(group)),
        node: NodeId(config.node),
        group,
        durability,
        disk: tail?.disk ?? disk,
        clock,
        crc32c,
        syncDelayNs: syncDelayMs * NS_PER_MS,
      })
    return [group, openLog(layout, open)] as const
  })
  tail?.requireUse(config.store)
  return new Map(opened)
}

const isEmpty = ({ store: { restored } }: OpenedLog): boolean =>
  restored.lastIndex === 0 && restored.hardState.term === 0

const closeReplica = (replica: Replica): Promise<void> =>
  new Promise((resolve, reject) => {
    replica.close((error) => (error === undefined ? resolve() : reject(error)))
  })
