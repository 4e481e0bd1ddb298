import { afterEach, describe, expect, test } from 'vitest'
import { crc32c } from '../base/crc32c.ts'
import type { FetchResult, ProduceRequest, ProduceResult } from '../contract/log-client.ts'
import { BatchEncoder } from '../contract/record-batch-encode.ts'
import { GroupId, LogIndex, NodeId, Offset, Term } from '../contract/types.ts'
import { openNodeProbe } from '../experiment/cluster/grpc-node-probe.ts'
import { GrpcLogClient } from '../experiment/load/grpc-log-client.ts'
import { systemClock } from '../os/clock.ts'
import { countGcPauses } from '../os/gc-pauses.ts'
import type { Replica } from '../replica/engine/replica.ts'
import { ContractServer } from './contract-server.ts'
import { AddressInUse } from './grpc-server.ts'

const encoder = new BatchEncoder(crc32c)
const batchOf = (bytes: number) =>
  encoder.encode({ timestampMs: 1, records: [{ value: new Uint8Array(bytes) }] })

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

describe('a served replica', () => {
  test('answers each request under its own id, in any order', async () => {
    const held: (() => void)[] = []
    const { client } = await serve({
      produce: (request, done) => {
        held.push(() => done(okAt(request.batch.length)))
        if (held.length === 300) for (const answer of held.reverse()) systemClock.defer(answer)
      },
    })

    const results = await Promise.all(
      Array.from({ length: 300 }, (_, at) => produce(client, requestOf(at + 1))),
    )

    expect(results.map(({ baseOffset }) => baseOffset)).toEqual(
      Array.from({ length: 300 }, (_, at) => batchOf(at + 1).length),
    )
  })

  test('is handed the requests of a stream in the order of the calls', async () => {
    const seen: number[] = []
    const { client } = await serve({
      produce: (request, done) => {
        seen.push(request.batch.length)
        systemClock.defer(() => done(okAt(0)))
      },
    })
    const sizes = Array.from({ length: 500 }, (_, at) => ((at * 7919) % 500) + 1)

    await Promise.all(sizes.map((size) => produce(client, requestOf(size))))

    expect(seen).toEqual(sizes.map((size) => batchOf(size).length))
  })

  test('refuses what it does not host, and batches above its limit', async () => {
    const { client } = await serve({ produce: (_, done) => systemClock.defer(() => done(okAt(0))) })

    const elsewhere = await produce(client, { ...requestOf(1), partition: GroupId(9) })
    const large = await produce(client, requestOf(5000))

    expect(elsewhere).toMatchObject({ code: 'UNKNOWN_PARTITION', baseOffset: undefined })
    expect(large).toMatchObject({ code: 'BATCH_TOO_LARGE' })
  })

  test('hands batches to a fetch', async () => {
    const batches = [batchOf(3), batchOf(4000)]
    const { client } = await serve({
      fetch: (request, done) =>
        systemClock.defer(() =>
          done({
            code: 'OK',
            logStartOffset: Offset(1),
            highWatermark: request.offset,
            batches,
            leader: NodeId(1),
          }),
        ),
    })

    const result = await new Promise<FetchResult>((resolve) => {
      client.fetch(
        {
          partition: GroupId(0),
          offset: Offset(2 ** 40),
          consistency: 'committed',
          bytesMax: 1,
          waitMsMax: 0,
        },
        resolve,
      )
    })

    expect(result).toMatchObject({ code: 'OK', logStartOffset: 1, highWatermark: 2 ** 40 })
    expect(result.batches.map((batch) => Buffer.compare(batch, batches.shift() ?? batch))).toEqual([
      0, 0,
    ])
  })

  test('cuts off a client that overruns the window that it named', async () => {
    const { address } = await serve({ produce: () => undefined })
    const { openRaw } = await import('../../test/support/raw-log-stream.ts')

    const ended = await openRaw(address, { runId: 'r', windowRequests: 2, windowBytes: 1e6 }, [
      requestOf(1),
      requestOf(1),
      requestOf(1),
    ])

    expect(ended).toMatchObject({ code: 8, details: expect.stringContaining('window overrun') })
  })

  test('refuses clients of another run', async () => {
    const { address } = await serve({})
    const { openRaw } = await import('../../test/support/raw-log-stream.ts')

    const ended = await openRaw(address, { runId: 'other', windowRequests: 2, windowBytes: 9 }, [])

    expect(ended).toMatchObject({ code: 9, details: expect.stringContaining('run r, not other') })
  })

  test('tells its groups and counters to a probe', async () => {
    const { address } = await serve({
      produce: (_, done) => systemClock.defer(() => done(okAt(0))),
    })
    const probe = openNodeProbe({ node: 1, address, runId: 'r' })
    closers.push(() => probe.close())

    const state = await new Promise((resolve, reject) => probe.watch(resolve, reject))
    const counters = await probe.counters(5_000)

    expect(state).toMatchObject({ group: 0, term: 3, role: 'leader', leader: 1, commitIndex: 7 })
    expect(counters).toMatchObject({ syncs: 5, produced: 9, syncDelayMsP50: Number.NaN })
  })

  test('says that its address is taken', async () => {
    const { address } = await serve({})

    await expect(serverOf({}).listen(address)).rejects.toThrow(AddressInUse)
  })
})

test('what is unanswered when the node goes ends with CONNECTION_LOST, and a later node serves', async () => {
  const { client, server, address } = await serve({ produce: () => undefined })
  const unanswered = [produce(client, requestOf(1)), produce(client, requestOf(2))]
  await new Promise<void>((resolve) => {
    systemClock.wakeAt(systemClock.nowNs() + 100_000_000, resolve)
  })

  server.close()

  expect((await Promise.all(unanswered)).map(({ code }) => code)).toEqual([
    'CONNECTION_LOST',
    'CONNECTION_LOST',
  ])
  const next = serverOf({ produce: (_, done) => systemClock.defer(() => done(okAt(4))) })
  await next.listen(address)
  let result = await produce(client, requestOf(1))
  while (result.code === 'CONNECTION_LOST') {
    await new Promise<void>((resolve) => {
      systemClock.wakeAt(systemClock.nowNs() + 20_000_000, resolve)
    })
    result = await produce(client, requestOf(1))
  }
  expect(result).toMatchObject({ code: 'OK', baseOffset: 4 })
})

test('a client holds back what its window has no room for', async () => {
  const held: (() => void)[] = []
  const { client } = await serve({ produce: (_, done) => held.push(() => done(okAt(0))) }, 10)

  const all = Promise.all(Array.from({ length: 25 }, () => produce(client, requestOf(1))))
  const sizes: number[] = []
  for (let answered = 0; answered < 25; answered += sizes.at(-1) ?? 0) {
    while (held.length < Math.min(10, 25 - answered)) await turn()
    sizes.push(held.length)
    for (const answer of held.splice(0)) answer()
  }

  expect(sizes).toEqual([10, 10, 5])
  expect((await all).every(({ code }) => code === 'OK')).toBe(true)
})

const turn = () =>
  new Promise<void>((resolve) => {
    systemClock.wakeAt(0, resolve)
  })

const okAt = (offset: number): ProduceResult => ({
  code: 'OK',
  baseOffset: Offset(offset),
  term: Term(3),
  index: LogIndex(1),
  leader: NodeId(1),
})

const requestOf = (bytes: number): ProduceRequest => ({
  partition: GroupId(0),
  acks: 'quorum',
  timeoutMs: 1000,
  batch: batchOf(bytes),
})

const produce = (client: GrpcLogClient, request: ProduceRequest) =>
  new Promise<ProduceResult>((resolve) => {
    client.produce(request, resolve)
  })

function serverOf(behaviour: Partial<Replica>): ContractServer {
  const gcPauses = countGcPauses()
  const server = new ContractServer({
    clock: systemClock,
    runId: 'r',
    replicas: new Map([[GroupId(0), replicaOf(behaviour)]]),
    batchBytesMax: 4096,
    members: [1],
    gcPauses,
    peers: undefined,
  })
  closers.push(() => {
    server.close()
    gcPauses.stop()
  })
  return server
}

async function serve(behaviour: Partial<Replica>, windowRequests = 1000) {
  const server = serverOf(behaviour)
  const address = await server.listen('127.0.0.1:0')
  const client = new GrpcLogClient({
    clock: systemClock,
    address,
    runId: 'r',
    windowRequests,
    windowBytes: 1e6,
  })
  closers.push(() => client.close())
  return { server, address, client }
}

function replicaOf(behaviour: Partial<Replica>): Replica {
  const status = {
    term: Term(3),
    role: 'leader',
    leader: NodeId(1),
    commitIndex: LogIndex(7),
    appliedIndex: LogIndex(7),
    logEndOffset: Offset(0),
    highWatermark: Offset(0),
    failure: undefined,
  } as const
  return {
    group: GroupId(0),
    produce: () => undefined,
    fetch: () => undefined,
    receive: () => undefined,
    campaign: () => undefined,
    status: () => status,
    counters: () => ({
      syncs: 5,
      bytesWritten: 6,
      writes: 7,
      produced: 9,
      campaigns: 1,
      messagesSent: 2,
      takes: 3,
      entriesPersisted: 4,
    }),
    watch: () => () => undefined,
    close: (done) => done(),
    ...behaviour,
  }
}
