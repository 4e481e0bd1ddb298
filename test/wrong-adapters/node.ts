import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { prngFromSeed } from '../../src/base/prng.ts'
import type { NodeConfig } from '../../src/contract/node-config.ts'
import { GroupId, NodeId } from '../../src/contract/types.ts'
import { systemClock } from '../../src/os/clock.ts'
import { crc32c } from '../../src/os/crc32c.ts'
import { disk } from '../../src/os/disk.ts'
import { countGcPauses } from '../../src/os/gc-pauses.ts'
import { designNamed } from '../../src/replica/engine/designs.ts'
import { createEngine } from '../../src/replica/engine/engine.ts'
import type { Replica } from '../../src/replica/engine/replica.ts'
import { memoryAdapter } from '../../src/replica/store/memory-store.ts'
import { walAdapter } from '../../src/replica/store/wal/wal-store.ts'
import { GrpcTransport } from '../../src/replica/transport/grpc-transport.ts'
import { ServerOf } from './server-of.ts'
import { type Wrong, wrongs } from './wrongs.ts'

/**
 * A node of `event` that is right in all but one thing: node.ts WRONG CONFIG.json. Whatever is not
 * wrong about it is the code that is measured, so the rule that catches it means this fault.
 */
const [name = '', path = ''] = process.argv.slice(2)
const wrong: Wrong = wrongs[name] ?? {}
const config: NodeConfig = JSON.parse(readFileSync(path, 'utf8'))

if (config.contract !== 1 && wrong.configuration !== 'believed') process.exit(2)

const node = NodeId(config.node)
const clock = systemClock
const others = config.nodes.filter((each) => each.node !== config.node)
const transport = new GrpcTransport({
  clock,
  runId: config.runId,
  node,
  peers: new Map(others.map((each) => [NodeId(each.node), each.address])),
})
const replicas = new Map<GroupId, Replica>(config.groups.map((group) => openGroup(GroupId(group))))
transport.receive((group, message) => replicas.get(group)?.receive(message))
const server = new ServerOf(wrong, {
  clock,
  runId: config.runId,
  replicas: wrong.groups?.(replicas) ?? replicas,
  batchBytesMax: wrong.batchBytesMax ?? config.batchBytesMax,
  members: config.nodes.map((each) => each.node),
  gcPauses: countGcPauses(),
  peers: transport,
})

if (await isTaken(config.listen)) process.exit(wrong.portTakenExit ?? 98)
await server.listen(config.listen)
if (config.firstLeader === config.node) for (const each of replicas.values()) each.campaign()
if (wrong.input !== 'ignored') process.stdin.on('end', () => process.exit(wrong.exitCode ?? 0))
if (wrong.input !== 'ignored') process.stdin.resume()
process.on('SIGTERM', () => {
  if (wrong.sigterm !== 'ignored') process.exit(0)
})
// An exit code that nobody should see: the server itself keeps the process alive.
const line = JSON.stringify({ raftmark: wrong.contract ?? 1, address: config.listen })
process.stdout.write(`${line}\n${wrong.secondLine ?? ''}`)

function openGroup(group: GroupId): [GroupId, Replica] {
  const prng = prngFromSeed(config.seed).fork(`node ${node} group ${group}`)
  const engine = createEngine({
    group,
    node,
    voters: config.nodes.map((each) => NodeId(each.node)).sort((a, b) => a - b),
    design: designNamed('event'),
    store: (wrong.store === 'memory' ? memoryAdapter : walAdapter()).open({
      directory: `${config.directory}/groups/${group}`,
      node,
      group,
      durability: config.durability,
      disk,
      clock,
      crc32c,
      syncDelayNs: 0,
    }),
    transport,
    clock,
    prng,
    batchBytesMax: wrong.batchBytesMax ?? config.batchBytesMax,
  })
  return [group, wrong.replica?.(engine) ?? engine]
}

function isTaken(address: string): Promise<boolean> {
  const [host = '', port] = address.split(':')
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(true))
    probe.listen({ host, port: Number(port) }, () => probe.close(() => resolve(false)))
  })
}
