import type { Code } from '../../contract/codes.ts'
import type { LogClient } from '../../contract/log-client.ts'
import { NodeId } from '../../contract/types.ts'

/** The client of one node, which connects again by itself. */
export type Connect = (node: NodeId) => LogClient

/** Codes after which another node may do better, when nobody was named. */
const ELSEWHERE: ReadonlySet<Code> = new Set([
  'NOT_LEADER',
  'NO_LEADER',
  'LEADERSHIP_LOST',
  'STORAGE_FAILED',
  'CONNECTION_LOST',
  'TIMED_OUT',
])

/** Whom to ask for each partition, as far as the answers told. */
export class Routes {
  readonly #connect: Connect
  readonly #nodes: readonly NodeId[]
  readonly #leaders: NodeId[]
  readonly #clients = new Map<NodeId, LogClient>()

  constructor(options: {
    readonly connect: Connect
    readonly nodes: readonly number[]
    readonly firstLeader: number
    readonly partitions: number
  }) {
    this.#connect = options.connect
    this.#nodes = options.nodes.map(NodeId)
    this.#leaders = new Array(options.partitions).fill(NodeId(options.firstLeader))
  }

  leaderOf(partition: number): NodeId {
    return this.#leaders[partition] as NodeId
  }

  client(node: NodeId): LogClient {
    const open = this.#clients.get(node)
    if (open !== undefined) return open
    const client = this.#connect(node)
    this.#clients.set(node, client)
    return client
  }

  /** `node` answered for `partition` with something else than OK, and named `hint` as leader. */
  learn(partition: number, node: NodeId, code: Code, hint: NodeId | undefined): void {
    // Of a hundred answers that name the same change, the first is enough.
    if (this.#leaders[partition] !== node || !ELSEWHERE.has(code)) return
    const named = hint !== undefined && hint !== node && this.#nodes.includes(hint)
    this.#leaders[partition] = named ? hint : this.#after(node)
  }

  close(): void {
    for (const client of this.#clients.values()) client.close()
    this.#clients.clear()
  }

  #after(node: NodeId): NodeId {
    return this.#nodes[(this.#nodes.indexOf(node) + 1) % this.#nodes.length] as NodeId
  }
}
