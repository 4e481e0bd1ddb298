import type { FramedFetch, FramedFetched } from '../../contract/frames/fetch-frame.ts'
import type { FramedProduce, FramedProduced } from '../../contract/frames/produce-frame.ts'
import type { FetchRequest } from '../../contract/log-client.ts'
import { CONTRACT_VERSION } from '../../contract/node-config.ts'
import { BatchEncoder, type NewBatch } from '../../contract/record-batch-encode.ts'
import { GroupId, Offset } from '../../contract/types.ts'
import { crc32c } from '../../os/crc32c.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { hold } from './broken.ts'
import type { ContractStream } from './contract-stream.ts'

const WINDOW_REQUESTS = 10_000
const WINDOW_BYTES = 16 * 1024 * 1024
const TIMEOUT_MS = 5_000

const encoder = new BatchEncoder(crc32c)

/** A batch with these texts as its records. */
export const batchOf = (
  texts: readonly string[],
  producer?: NonNullable<NewBatch['producer']>,
): Uint8Array =>
  encoder.encode({
    timestampMs: 1_700_000_000_000,
    records: texts.map((text) => ({ value: Buffer.from(text) })),
    ...(producer !== undefined && { producer }),
  })

/** What a session needs of the lab. */
type StreamSource = {
  readonly runId: string
  stream(address: string, method: 'Produce' | 'Fetch'): ContractStream
}

/** One partition as a rule uses it: streams to its leader, opened when they are needed. */
export class LogSession {
  readonly #lab: StreamSource
  readonly cluster: Cluster
  readonly group: GroupId
  readonly #streams = new Map<string, ContractStream>()
  #lastId = 0

  constructor(lab: StreamSource, cluster: Cluster, group: number) {
    this.#lab = lab
    this.cluster = cluster
    this.group = GroupId(group)
  }

  get leader(): number {
    return this.cluster.leaderOf(this.group) ?? 1
  }

  /** A follower: any node that does not lead. */
  get follower(): number {
    return this.cluster.nodes.find(({ node }) => node !== this.leader)?.node ?? 2
  }

  addressOf(node: number): string {
    return this.cluster.nodes.find((each) => each.node === node)?.address ?? ''
  }

  /** A stream of its own, with a hello that allows everything. */
  open(method: 'Produce' | 'Fetch', node = this.leader): ContractStream {
    const stream = this.#lab.stream(this.addressOf(node), method)
    stream.hello({
      contract: CONTRACT_VERSION,
      runId: this.#lab.runId,
      windowRequests: WINDOW_REQUESTS,
      windowBytes: WINDOW_BYTES,
    })
    return stream
  }

  request(batch: Uint8Array, change: Partial<FramedProduce> = {}): FramedProduce {
    this.#lastId += 1
    return {
      id: this.#lastId,
      partition: this.group,
      acks: 'quorum',
      timeoutMs: TIMEOUT_MS,
      batch,
      ...change,
    }
  }

  /** Sends one batch to `node` and waits for its answer. */
  async produce(
    batch: Uint8Array,
    change: Partial<FramedProduce> = {},
    node = this.leader,
  ): Promise<FramedProduced> {
    const stream = this.#kept('Produce', node)
    const request = this.request(batch, change)
    stream.produce([request])
    const [answer] = await stream.answers(1)
    hold(answer?.id === request.id, `an answer to id ${request.id}`, `one to id ${answer?.id}`)
    return answer as FramedProduced
  }

  /** The same, and it must succeed. */
  async append(batch: Uint8Array): Promise<FramedProduced> {
    const answer = await this.produce(batch)
    hold(answer.code === 'OK', 'OK', answer.code)
    return answer
  }

  async fetch(
    offset: number,
    change: Partial<FetchRequest> = {},
    node = this.leader,
  ): Promise<FramedFetched> {
    const stream = this.#kept('Fetch', node)
    this.#lastId += 1
    const id = this.#lastId
    stream.fetch(this.fetchRequest(id, offset, change))
    const [answer] = await stream.answers(1)
    hold(answer?.id === id, `an answer to id ${id}`, `one to id ${answer?.id}`)
    return answer as FramedFetched
  }

  fetchRequest(id: number, offset: number, change: Partial<FetchRequest> = {}): FramedFetch {
    return {
      id,
      partition: this.group,
      offset: Offset(offset),
      consistency: 'linearizable',
      bytesMax: 1_000_000,
      waitMsMax: 0,
      ...change,
    }
  }

  /** Forgets streams: to be called after a node was killed. */
  close(): void {
    for (const stream of this.#streams.values()) stream.close()
    this.#streams.clear()
  }

  #kept(method: 'Produce' | 'Fetch', node: number): ContractStream {
    const key = `${method} ${node}`
    const stream = this.#streams.get(key) ?? this.open(method, node)
    this.#streams.set(key, stream)
    return stream
  }
}
