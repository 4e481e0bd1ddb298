import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import type { ProduceRequest, ProduceResult } from '../../contract/log-client.ts'
import { GroupId, type NodeId } from '../../contract/types.ts'
import type { Replica } from '../../replica/engine/replica.ts'

/** What one engine-only measurement came to. */
export type EngineOnlyResult = {
  readonly clients: number
  readonly operations: number
  /** From the first proposal until the leader has applied all. */
  readonly durationNs: number
  readonly operationsPerSecond: number
}

/** A leader must be there by then: elections of a new cluster take a few milliseconds. */
const LEADER_WAIT_NS_MAX = 10e9
const REQUEST_TIMEOUT_MS = 60_000

/**
 * The method of OpenRaft's own framework benchmark: `clients` closed loops on the leader, each with
 * one request of no content on the way, until the leader has applied `operations` of them. No
 * network, no serialisation, no disk: it measures the engine, never a cluster.
 *
 * Source: databendlabs/openraft benchmarks/minimal, src/bin/bench.rs.
 */
export async function measureEngineOnly(options: {
  readonly replicas: readonly Replica[]
  readonly clients: number
  readonly operations: number
  readonly clock: Clock
  /** A valid record batch; every request carries this one. */
  readonly batch: Uint8Array
}): Promise<EngineOnlyResult> {
  const { clients, operations, clock } = options
  assert(operations >= clients && clients >= 1, 'every client sends at least one request')
  const leader = await leaderOf(options.replicas, clock)
  const startNs = clock.nowNs()
  await closedLoops(leader, options)
  const durationNs = clock.nowNs() - startNs
  return { clients, operations, durationNs, operationsPerSecond: operations / (durationNs / 1e9) }
}

function closedLoops(
  leader: Replica,
  options: { clients: number; operations: number; batch: Uint8Array },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request: ProduceRequest = {
      partition: GroupId(0),
      acks: 'quorum',
      timeoutMs: REQUEST_TIMEOUT_MS,
      batch: options.batch,
    }
    let toSend = options.operations
    let unanswered = options.operations
    const next = (result: ProduceResult): void => {
      if (result.code !== 'OK') {
        reject(new Error(`a request ended with ${result.code}`))
        return
      }
      unanswered -= 1
      if (unanswered === 0) resolve()
      else if (toSend > 0) send()
    }
    const send = (): void => {
      toSend -= 1
      leader.produce(request, next)
    }
    for (let client = 0; client < options.clients; client += 1) send()
  })
}

/** The replica that leads, once all of them know it. */
function leaderOf(replicas: readonly Replica[], clock: Clock): Promise<Replica> {
  const deadlineNs = clock.nowNs() + LEADER_WAIT_NS_MAX
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const leaders = new Set<NodeId | undefined>(replicas.map((it) => it.status().leader))
      const leader = replicas.find((replica) => replica.status().role === 'leader')
      if (leader !== undefined && leaders.size === 1) resolve(leader)
      else if (clock.nowNs() > deadlineNs) reject(new Error('no leader within 10 s'))
      else clock.wakeAt(clock.nowNs() + 1e6, look)
    }
    look()
  })
}
