import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { sleepUntil } from '../base/clock.ts'
import { crc32c } from '../base/crc32c.ts'
import type { FetchResult, ProduceResult } from '../contract/log-client.ts'
import type { NodeConfig } from '../contract/node-config.ts'
import { BatchEncoder } from '../contract/record-batch-encode.ts'
import { GroupId, Offset } from '../contract/types.ts'
import { openNodeProbe } from '../experiment/cluster/grpc-node-probe.ts'
import { GrpcLogClient } from '../experiment/load/grpc-log-client.ts'
import { systemClock } from '../os/clock.ts'
import { freePorts } from '../os/ports.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const encoder = new BatchEncoder(crc32c)
const cleanups: (() => void)[] = []
afterEach(() => {
  for (const clean of cleanups.splice(0).reverse()) clean()
})

test.each(['tick', 'event'])('three %s processes replicate what is produced', async (raft) => {
  const configs = await clusterOf({ raft, store: 'wal' })
  await Promise.all(configs.map((config) => serve(config)))
  const [leader, ...followers] = configs.map((config) => clientTo(config))
  if (leader === undefined) throw new Error('no node')

  const offsets: unknown[] = []
  for (let at = 0; at < 3; at += 1) {
    offsets.push((await produceUntilLed(leader, `record ${at}`)).baseOffset)
  }
  const fetched = await fetch(leader, 'linearizable')

  expect(offsets).toEqual([0, 1, 2])
  expect(fetched).toMatchObject({ code: 'OK', highWatermark: 3, leader: 1 })
  for (const follower of followers) {
    let copy = await fetch(follower, 'committed')
    while (copy.batches.length < 3) copy = await fetch(follower, 'committed')
    expect(copy.batches).toEqual(fetched.batches)
  }
})

test('injected delays are added to syncs and links, and what they came to is reported', async () => {
  const configs = await clusterOf({ raft: 'event', store: 'memory' })
  await Promise.all(
    configs.map((each) => serve({ ...each, durability: 'D0', syncDelayMs: 5, linkDelayMs: 3 })),
  )
  const [config] = configs
  if (config === undefined) throw new Error('no node')
  await produceUntilLed(clientTo(config), 'a')
  const probe = openNodeProbe({ node: 1, runId: 'r', address: config.listen })
  cleanups.push(() => probe.close())

  const { syncDelayMsP50, linkDelayMsP50 } = await probe.counters(10_000)

  expect(syncDelayMsP50).toBeGreaterThanOrEqual(5)
  expect(linkDelayMsP50).toBeGreaterThanOrEqual(3)
})

test('null acknowledges without a cluster, and serves what it keeps', async () => {
  const [config] = await clusterOf({ raft: 'null', store: '' })
  if (config === undefined) throw new Error('no node')
  await serve(config)
  const client = clientTo(config)

  const produced = await produceUntilLed(client, 'a')

  expect(produced).toMatchObject({ code: 'OK', baseOffset: 0 })
  expect(await fetch(client, 'linearizable')).toMatchObject({ code: 'OK', highWatermark: 1 })
})

test('a node ends when its standard input ends', async () => {
  const [config] = await clusterOf({ raft: 'event', store: 'wal' })
  if (config === undefined) throw new Error('no node')
  const { child } = await serve(config)

  child.stdin?.end()

  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a node whose port is taken ends with code 98', async () => {
  const [config] = await clusterOf({ raft: 'null', store: '' })
  if (config === undefined) throw new Error('no node')
  await serve(config)

  const second = start(config)

  expect(await once(second.child, 'exit')).toEqual([98, null])
  expect(second.stderr()).toContain('EADDRINUSE')
})

test.each([
  [{ raft: 'tock' }, 'no design is called tock'],
  [{ store: 'paper' }, 'there is no store paper'],
  [{ groups: [] }, 'groups must be a list'],
  [{ speed: 9 }, 'speed is no key of the contract'],
  [{ tuning: { fast: true } }, 'no tuning word fast'],
])('a configuration with %j is refused with exit code 2', async (change, text) => {
  const [config] = await clusterOf({ raft: 'event', store: 'memory' })
  const { child, stderr } = start({ ...config, ...change } as NodeConfig)

  const [code] = await once(child, 'exit')

  expect([code, stderr()]).toEqual([2, expect.stringContaining(text)])
})

async function clusterOf(subject: {
  readonly raft: string
  readonly store: string
}): Promise<NodeConfig[]> {
  const root = mkdtempSync(join(tmpdir(), 'raftmark-node-'))
  cleanups.push(() => rmSync(root, { recursive: true }))
  const ports = await freePorts(3)
  const nodes = ports.map((port, at) => ({ node: at + 1, address: `127.0.0.1:${port}` }))
  return nodes.map(({ node, address }) => {
    const directory = join(root, String(node))
    mkdirSync(directory)
    return {
      contract: 1,
      runId: 'r',
      node,
      listen: address,
      nodes,
      groups: [0],
      firstLeader: 1,
      directory,
      durability: 'D2',
      syncDelayMs: 0,
      linkDelayMs: 0,
      timing: { heartbeatMs: 100, electionMinMs: 1000, electionMaxMs: 2000 },
      tuning: {},
      batchBytesMax: 1 << 20,
      threads: 2,
      seed: 1,
      ...subject,
    }
  })
}

function start(config: NodeConfig): {
  readonly child: ChildProcess
  readonly stderr: () => string
} {
  const path = `${config.directory}.json`
  writeFileSync(path, JSON.stringify(config))
  const flags = ['--import', 'tsx', '--conditions', 'raftmark-source']
  const child = spawn(process.execPath, [...flags, main, path], { stdio: 'pipe' })
  cleanups.push(() => child.kill('SIGKILL'))
  let text = ''
  child.stderr.on('data', (bytes: Buffer) => {
    text += bytes
  })
  return { child, stderr: () => text }
}

async function serve(config: NodeConfig) {
  const node = start(config)
  const line = await Promise.race([
    once(node.child.stdout ?? node.child, 'data'),
    once(node.child, 'exit').then(() => {
      throw new Error(node.stderr())
    }),
  ])
  expect(JSON.parse(String(line))).toEqual({ raftmark: 1, address: config.listen })
  return node
}

function clientTo(config: NodeConfig): GrpcLogClient {
  const window = { windowRequests: 10, windowBytes: 1e6 }
  const client = new GrpcLogClient({
    clock: systemClock,
    address: config.listen,
    runId: 'r',
    ...window,
  })
  cleanups.push(() => client.close())
  return client
}

async function produceUntilLed(client: GrpcLogClient, text: string): Promise<ProduceResult> {
  for (;;) {
    const result = await new Promise<ProduceResult>((resolve) => {
      const value = new TextEncoder().encode(text)
      const batch = encoder.encode({ timestampMs: 1, records: [{ value }] })
      client.produce({ partition: GroupId(0), acks: 'quorum', timeoutMs: 5000, batch }, resolve)
    })
    if (result.code !== 'NO_LEADER' && result.code !== 'NOT_LEADER') return result
    await sleepUntil(systemClock, systemClock.nowNs() + 20_000_000)
  }
}

function fetch(
  client: GrpcLogClient,
  consistency: 'linearizable' | 'committed',
): Promise<FetchResult> {
  return new Promise((resolve) => {
    client.fetch(
      { partition: GroupId(0), offset: Offset(0), consistency, bytesMax: 1e6, waitMsMax: 100 },
      resolve,
    )
  })
}
