import { expect, test } from 'vitest'
import { createHeldStore, type HeldStore } from '../../../test/support/held-store.ts'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { crc32c } from '../../base/crc32c.ts'
import { prngFromSeed } from '../../base/prng.ts'
import type { FetchResult, ProduceResult } from '../../contract/log-client.ts'
import { decodeBatch } from '../../contract/record-batch-decode.ts'
import { BatchEncoder } from '../../contract/record-batch-encode.ts'
import { GroupId, NodeId, Offset } from '../../contract/types.ts'
import type { Message } from '../consensus/message.ts'
import { MemoryNetwork } from '../transport/memory-transport.ts'
import type { Design } from './design.ts'
import { designNamed, designNames } from './designs.ts'
import { createEngine } from './engine.ts'
import type { Replica } from './replica.ts'

const encoder = new BatchEncoder(crc32c)
const group = GroupId(0)
const MS = 1e6

test.each(designNames)(
  '%s: what is produced is acknowledged and fetched from every node',
  (name) => {
    const cluster = start(designNamed(name))

    const answers = [cluster.produce(1, ['a', 'b']), cluster.produce(1, ['c'])]
    cluster.run(3_000)

    expect(answers.map(({ result }) => result?.code)).toEqual(['OK', 'OK'])
    expect(answers.map(({ result }) => result?.baseOffset)).toEqual([0, 2])
    for (const node of [1, 2, 3]) {
      expect(cluster.fetch(node, 0).texts()).toEqual(['0:a', '1:b', '2:c'])
      expect(cluster.fetch(node, 1).texts(), 'whole batches').toEqual(['0:a', '1:b', '2:c'])
      expect(cluster.fetch(node, 2).texts()).toEqual(['2:c'])
    }
  },
)

test.each(designNames)('%s: proposals of one client keep their order', (name) => {
  const cluster = start(designNamed(name))
  const sent = Array.from({ length: 700 }, (_, at) => cluster.produce(1, [`${at}`]))
  cluster.run(30_000)

  expect(sent.map(({ result }) => result?.baseOffset)).toEqual(sent.map((_, at) => at))
})

test('a follower refuses before it proposes, and names the leader', () => {
  const cluster = start(designNamed('event'))

  const refused = cluster.produce(2, ['a'])
  cluster.run(10)

  expect(refused.result).toMatchObject({ code: 'NOT_LEADER', leader: 1, index: undefined })
})

test('lockstep takes nothing in while a write is outstanding; overlap does', () => {
  const outstanding = (name: string): number => {
    const cluster = start(designNamed(name))
    cluster.stores[0]?.hold()
    cluster.produce(1, ['a'])
    cluster.run(5)
    cluster.produce(1, ['b'])
    cluster.run(5)
    return cluster.stores[0]?.outstanding ?? 0
  }

  expect(outstanding('tick')).toBe(1)
  expect(outstanding('event')).toBe(2)
})

test('lockstep goes on with all that came meanwhile, in one write', () => {
  const cluster = start(designNamed('tick'))
  const store = cluster.stores[0] as HeldStore
  store.hold()
  cluster.produce(1, ['a'])
  cluster.run(5)
  const later = ['b', 'c', 'd'].map((text) => cluster.produce(1, [text]))
  cluster.run(5)
  const writesBefore = store.counters.writes

  store.complete()
  cluster.run(5)

  expect(store.counters.writes).toBe(writesBefore + 1)
  store.complete()
  cluster.run(5)
  expect(later.map(({ result }) => result?.code)).toEqual(['OK', 'OK', 'OK'])
})

test('a follower acknowledges entries only when they are durable on it', () => {
  const cluster = start(designNamed('event'))
  cluster.stores[1]?.hold()
  cluster.stores[2]?.hold()

  const answer = cluster.produce(1, ['a'])
  cluster.run(50)
  expect(answer.result).toBeUndefined()
  cluster.stores[1]?.complete()
  cluster.run(50)

  expect(answer.result?.code).toBe('OK')
})

test('a leader’s own slow disk delays no acknowledgement that a majority can give', () => {
  const answered = (design: Design): boolean => {
    const cluster = start(design)
    cluster.stores[0]?.hold()
    const answer = cluster.produce(1, ['a'])
    cluster.run(50)
    return answer.result?.code === 'OK'
  }
  const event = designNamed('event')

  expect(answered(event)).toBe(true)
  expect(answered({ ...event, leaderDisk: 'serial' })).toBe(false)
  expect(answered({ ...event, batching: { ...event.batching, apply: 'after-local-sync' } })).toBe(
    false,
  )
})

test('a store that fails ends its replica with an indefinite answer', () => {
  const cluster = start(designNamed('event'))
  const store = cluster.stores[0] as HeldStore
  store.hold()
  cluster.network.cut(2)
  cluster.network.cut(3)
  const waiting = cluster.produce(1, ['a'])
  cluster.run(5)
  const sentBefore = cluster.network.sentBy(1)

  store.fail(new Error('EIO'))
  cluster.run(500)
  const later = cluster.produce(1, ['b'])
  cluster.run(5)

  expect(waiting.result?.code).toBe('STORAGE_FAILED')
  expect(later.result?.code).toBe('STORAGE_FAILED')
  expect(cluster.replica(1).status().failure).toMatch(/EIO/)
  expect(cluster.network.sentBy(1)).toBe(sentBefore)
})

test('a proposal without a quorum times out, and later ones are not confused with it', () => {
  const cluster = start(designNamed('event'))
  cluster.network.cut(2)
  cluster.network.cut(3)

  const answer = cluster.produce(1, ['a'], 200)
  cluster.run(199)
  expect(answer.result).toBeUndefined()
  cluster.run(50)

  expect(answer.result?.code).toBe('TIMED_OUT')
})

test('a leader that lost its quorum answers what it had taken with LEADERSHIP_LOST', () => {
  const cluster = start(designNamed('event'))
  cluster.network.cut(2)
  cluster.network.cut(3)

  const answer = cluster.produce(1, ['a'], 60_000)
  cluster.run(5_000)

  expect(answer.result?.code).toBe('LEADERSHIP_LOST')
  expect(cluster.replica(1).status().role).not.toBe('leader')
})

test('a long poll is answered when a record comes, or empty at its deadline', () => {
  const cluster = start(designNamed('event'))
  const early = cluster.fetch(1, 0, { waitMsMax: 1_000 })
  const late = cluster.fetch(1, 1, { waitMsMax: 100 })
  cluster.run(1)
  expect(early.result).toBeUndefined()

  cluster.produce(1, ['a'])
  cluster.run(10)

  expect(early.texts()).toEqual(['0:a'])
  cluster.run(200)
  expect(late.result?.batches).toEqual([])
  expect(late.result?.code).not.toBe('OK')
})

test('a linearizable fetch of a leader without a quorum is not answered with old records', () => {
  const cluster = start(designNamed('event'))
  cluster.produce(1, ['a'])
  cluster.run(10)
  expect(cluster.fetch(1, 0, { consistency: 'linearizable' }).texts()).toEqual(['0:a'])
  cluster.network.cut(2)
  cluster.network.cut(3)

  const cutOff = cluster.fetch(1, 0, { consistency: 'linearizable' })
  cluster.run(5_000)

  expect(cutOff.result?.code).toMatch(/NOT_LEADER|NO_LEADER/)
  expect(cluster.fetch(1, 0).texts(), 'committed: what this node knows').toEqual(['0:a'])
})

test('a fetch reads no further than its bytes, but never nothing', () => {
  const cluster = start(designNamed('event'))
  for (let at = 0; at < 200; at += 1) cluster.produce(1, [`record ${at}`])
  cluster.run(10)
  const all = cluster.fetch(1, 0, { bytesMax: 1 << 20 }).result as FetchResult
  const bytesOfOne = all.batches[0]?.length ?? 0

  expect(all.batches.length).toBe(200)
  expect(cluster.fetch(1, 0, { bytesMax: 1 }).result?.batches.length).toBe(1)
  expect(cluster.fetch(1, 0, { bytesMax: bytesOfOne * 3 }).result?.batches.length).toBe(3)
})

test('an offset past the end is out of range on a leader and unknown to a follower', () => {
  const cluster = start(designNamed('event'))

  expect(cluster.fetch(1, 5).result?.code).toBe('OFFSET_OUT_OF_RANGE')
  expect(cluster.fetch(2, 5).result?.code).toBe('OFFSET_NOT_AVAILABLE')
})

test('bytes that are no record batch, and batches that are too large, are not proposed', () => {
  const cluster = start(designNamed('event'))

  const corrupt = cluster.produceBytes(1, new Uint8Array(61))
  const large = cluster.produceBytes(1, new Uint8Array(5_000))
  cluster.run(1)

  expect(corrupt.result?.code).toBe('CORRUPT_BATCH')
  expect(large.result?.code).toBe('BATCH_TOO_LARGE')
})

test('after a restart everything is there again, and the next offset follows', () => {
  const design = designNamed('event')
  const before = start(design)
  before.produce(1, ['a', 'b'])
  before.run(10)

  const after = start(
    design,
    before.stores.map((store) => store.reopened()),
  )
  const answer = after.produce(after.leader, ['c'])
  after.run(10)

  expect(answer.result?.baseOffset).toBe(2)
  expect(after.fetch(after.leader, 0).texts()).toEqual(['0:a', '1:b', '2:c'])
})

test('linger gathers proposals into one write; the cap ends it early', () => {
  const event = designNamed('event')
  const design: Design = {
    ...event,
    batching: { ...event.batching, rule: { kind: 'linger', lingerNs: 20 * MS }, entriesMax: 3 },
  }
  const cluster = start(design)
  const store = cluster.stores[0] as HeldStore
  const writesBefore = store.counters.writes

  cluster.produce(1, ['a'])
  cluster.run(10)
  cluster.produce(1, ['b'])
  cluster.run(5)
  expect(store.counters.writes).toBe(writesBefore)
  cluster.run(6)
  expect(store.counters.writes).toBe(writesBefore + 1)

  for (const text of ['c', 'd', 'e']) cluster.produce(1, [text])
  cluster.run(1)
  expect(store.counters.writes).toBe(writesBefore + 2)
})

test('a polled host looks at a proposal when its tick comes, and not before', () => {
  const polled = designNamed('tick-polled')
  const cluster = start({
    ...polled,
    clock: { kind: 'ticks', periodNs: 100 * MS, phase: 'aligned', missed: 'dropped' },
  })
  cluster.alignTo(100)
  const store = cluster.stores[0] as HeldStore
  const writesBefore = store.counters.writes

  cluster.produce(1, ['a'])
  cluster.run(98)
  expect(store.counters.writes).toBe(writesBefore)
  cluster.run(2)

  expect(store.counters.writes).toBe(writesBefore + 1)
})

/** Three replicas in one process on a clock that only `run` moves; node 1 leads. */
function start(design: Design, stores = [1, 2, 3].map(() => createHeldStore())) {
  const clock = createManualClock()
  const network = new CuttableNetwork(clock)
  const voters = [1, 2, 3].map(NodeId)
  const replicas = voters.map((node, at) => {
    const transport = network.connect(node)
    const replica = createEngine({
      group,
      node,
      voters,
      design,
      store: stores[at] as HeldStore,
      transport,
      clock,
      prng: prngFromSeed(at),
      batchBytesMax: 4_096,
    })
    transport.receive((_, message) => replica.receive(message))
    return replica
  })
  const replica = (node: number): Replica => replicas[node - 1] as Replica
  const run = (ms: number): void => {
    const endNs = clock.nowNs() + ms * MS
    clock.advanceTo(endNs)
  }
  const produceBytes = (node: number, batch: Uint8Array, timeoutMs = 30_000) => {
    const answer: { result: ProduceResult | undefined } = { result: undefined }
    replica(node).produce({ partition: group, acks: 'quorum', timeoutMs, batch }, (result) => {
      expect(answer.result, 'answered twice').toBeUndefined()
      answer.result = result
    })
    return answer
  }
  const produce = (node: number, texts: string[], timeoutMs?: number) =>
    produceBytes(node, batchOf(texts), timeoutMs)
  const fetch = (node: number, offset: number, options: FetchOptions = {}) => {
    const answer: { result: FetchResult | undefined; texts: () => string[] } = {
      result: undefined,
      texts: () => textsOf(answer.result?.batches ?? []),
    }
    replica(node).fetch(
      {
        partition: group,
        offset: Offset(offset),
        consistency: options.consistency ?? 'committed',
        bytesMax: options.bytesMax ?? 1 << 20,
        waitMsMax: options.waitMsMax ?? 0,
      },
      (result) => {
        answer.result = result
      },
    )
    clock.settle()
    return answer
  }
  const alignTo = (ms: number): void =>
    clock.advanceTo((Math.floor(clock.nowNs() / (ms * MS)) + 1) * ms * MS)

  replica(1).campaign()
  run(4_500)
  const leader = voters.find((node) => replica(node).status().role === 'leader')
  // After a restart nobody grants a vote for a while, so that anybody may be the first to win.
  if (stores[0]?.restored.lastIndex === 0) expect(leader).toBe(1)
  return {
    stores,
    network,
    replica,
    leader: leader ?? 0,
    run,
    produce,
    produceBytes,
    fetch,
    alignTo,
  }
}

type FetchOptions = {
  consistency?: 'committed' | 'linearizable'
  bytesMax?: number
  waitMsMax?: number
}

class CuttableNetwork {
  readonly #network: MemoryNetwork
  readonly #cut = new Set<number>()
  readonly #sent = new Map<number, number>()

  constructor(clock: ReturnType<typeof createManualClock>) {
    this.#network = new MemoryNetwork(clock)
  }

  connect(node: NodeId) {
    const transport = this.#network.connect(node)
    const send = (to: typeof group, message: Message): void => {
      this.#sent.set(node, this.sentBy(node) + 1)
      if (!this.#cut.has(message.from) && !this.#cut.has(message.to)) transport.send(to, message)
    }
    return { ...transport, send }
  }

  cut(node: number): void {
    this.#cut.add(node)
  }

  sentBy(node: number): number {
    return this.#sent.get(node) ?? 0
  }
}

const text = new TextEncoder()

const batchOf = (texts: string[]): Uint8Array =>
  encoder.encode({ records: texts.map((it) => ({ value: text.encode(it) })), timestampMs: 0 })

const textsOf = (batches: readonly Uint8Array[]): string[] =>
  batches.flatMap((batch) => {
    const decoded = decodeBatch(batch, crc32c)
    if ('fault' in decoded) throw new Error(decoded.fault)
    return decoded.records.map(
      ({ offset, value }) => `${offset}:${new TextDecoder().decode(value)}`,
    )
  })
