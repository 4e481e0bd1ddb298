import type { Server } from '@grpc/grpc-js'
import { GroupId, LogIndex, NodeId, Term } from '../../../src/contract/types.ts'
import { createGrpcServer, listenAt } from '../../../src/node/grpc-server.ts'
import { systemClock } from '../../../src/os/clock.ts'
import type { Message } from '../../../src/replica/consensus/message.ts'
import { GrpcTransport } from '../../../src/replica/transport/grpc-transport.ts'

const GROUP = GroupId(0)
const REAL = NodeId(1)

/** What a scripted peer does with a message: answers it, or lets it be lost. */
export type Script = (message: Message) => Message | undefined

/**
 * The other members of a cluster in which one node is a real process: they say what a script says,
 * and whatever is said to them can be waited for.
 */
export class ScriptedPeers {
  readonly #servers: Server[] = []
  readonly #transports = new Map<number, GrpcTransport>()
  readonly #heard: Message[] = []
  script: Script = () => undefined

  /** `addresses` by node; the real node is 1. */
  static async start(
    runId: string,
    addresses: ReadonlyMap<number, string>,
  ): Promise<ScriptedPeers> {
    const peers = new ScriptedPeers()
    const real = addresses.get(REAL) ?? ''
    for (const [node, address] of addresses) {
      if (node !== REAL) await peers.#add(runId, NodeId(node), address, real)
    }
    return peers
  }

  send(message: Message): void {
    this.#transports.get(message.from)?.send(GROUP, message)
  }

  /** Resolves with the first message, said already or yet to come, that `fits`; or undefined. */
  async heard<T extends Message>(
    fits: (message: Message) => message is T,
    limitMs: number,
  ): Promise<T | undefined> {
    const endNs = systemClock.nowNs() + limitMs * 1e6
    for (;;) {
      const found = this.#heard.find(fits)
      if (found !== undefined || systemClock.nowNs() > endNs) return found
      await pause(2)
    }
  }

  forget(): void {
    this.#heard.length = 0
  }

  close(): void {
    for (const transport of this.#transports.values()) transport.close()
    for (const server of this.#servers) server.forceShutdown()
  }

  async #add(runId: string, node: NodeId, address: string, real: string): Promise<void> {
    const peers = new Map([[REAL, real]])
    const transport = new GrpcTransport({ clock: systemClock, runId, node, peers })
    const server = createGrpcServer()
    server.addService(transport.service, transport.handlers)
    await listenAt(server, address)
    this.#servers.push(server)
    this.#transports.set(node, transport)
    transport.receive((_, message) => {
      this.#heard.push(message)
      const answer = this.script(message)
      if (answer !== undefined) transport.send(GROUP, answer)
    })
  }
}

/** What a follower answers that agrees with everything and stores it. */
export function agree(message: Message): Message | undefined {
  const envelope = { from: message.to, to: message.from, term: message.term }
  switch (message.kind) {
    case 'RequestVote':
      return { ...envelope, kind: 'RequestVoteResponse', preVote: message.preVote, granted: true }
    case 'Heartbeat':
      return { ...envelope, kind: 'HeartbeatResponse', round: message.round }
    case 'AppendEntries':
      return {
        ...envelope,
        kind: 'AppendEntriesResponse',
        accepted: true,
        previousIndex: message.previous.index,
        matchIndex: LogIndex(message.previous.index + message.entries.length),
      }
    default:
      return undefined
  }
}

export const requestVote = (from: number, term: number): Message => ({
  kind: 'RequestVote',
  from: NodeId(from),
  to: REAL,
  term: Term(term),
  preVote: false,
  lastEntry: { term: Term(0), index: LogIndex(0) },
})

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    systemClock.wakeAt(systemClock.nowNs() + ms * 1e6, () => resolve())
  })
