import { LogIndex, NodeId, Term } from '../../../src/contract/types.ts'
import type {
  AppendEntries,
  AppendEntriesResponse,
  Heartbeat,
  Message,
  RequestVoteResponse,
} from '../../../src/replica/consensus/message.ts'
import type { LabOptions, RealNode } from './real-node.ts'
import { agree, pause, requestVote } from './scripted-peers.ts'

/** What a real node is put through among scripted peers. */
export type ScriptedTrial = {
  readonly name: string
  readonly setting: Pick<LabOptions, 'nodes' | 'firstLeader' | 'timing'>
  /** Resolves with what the node did wrong; undefined when it did nothing wrong. */
  readonly run: (node: RealNode) => Promise<string | undefined>
}

/** The script was not followed: nothing is known, and it is to be tried again. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive'
}

const WAIT_MS = 5_000
const REAL = NodeId(1)

/** Two candidates of one term ask the same node, which is killed in between. Raft §5.2. */
export const twoCandidates: ScriptedTrial = {
  name: 'killed between two candidates',
  setting: {
    nodes: 3,
    firstLeader: 2,
    timing: { heartbeatMs: 50, electionMinMs: 300, electionMaxMs: 400 },
  },
  async run(node) {
    await node.start()
    if (!(await asked(node, 2))) throw new Inconclusive('the first vote was not granted')
    await node.kill()
    node.peers.forget()
    await node.start()
    const second = await asked(node, 3)
    return second ? 'term 5: voted for node 2, and after a kill for node 3' : undefined
  },
}

/** Asks until it is answered: a transport loses what is sent before it is connected. */
async function asked(node: RealNode, candidate: number): Promise<boolean> {
  const isAnswer = (message: Message): message is RequestVoteResponse =>
    message.kind === 'RequestVoteResponse' && message.to === candidate
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += 100) {
    node.peers.send(requestVote(candidate, 5))
    const answer = await node.peers.heard(isAnswer, 100)
    if (answer !== undefined) return answer.granted
  }
  throw new Inconclusive('a vote was not answered')
}

/**
 * Row 37. Of five: node 2 accepts entries of term 1, and its answer is held up. Node 3 leads term 2
 * and overwrites them. Node 1 leads again; then the old answer arrives, and is no acceptance of
 * what stands in that place now: only node 3 has accepted that.
 */
export const lateAcceptance: ScriptedTrial = {
  name: 'an acceptance from two terms ago',
  setting: {
    nodes: 5,
    firstLeader: 1,
    timing: { heartbeatMs: 50, electionMinMs: 300, electionMaxMs: 400 },
  },
  async run(node) {
    const { peers } = node
    let late: Message | undefined
    // Node 2 accepts the first append, so that it is sent more; what it says of the rest is late.
    peers.script = (message) => {
      if (message.kind !== 'AppendEntries') return agree(message)
      if (message.to !== 2) return undefined
      if (last(message) > 1) late = agree(message)
      return last(message) > 1 ? undefined : agree(message)
    }
    await node.start()
    const first = await sentTo(node, 2, 0, 1)
    const unheeded = [node.produce(200), node.produce(200), node.produce(200)]
    await sentTo(node, 2, first.term, 4)
    if (late === undefined) throw new Inconclusive('node 2 was sent nothing to accept')
    const oldAnswer = late
    await Promise.all(unheeded)

    const second = first.term + 1
    peers.script = () => undefined
    peers.send(takeover(3, second))
    const isTaken = (message: Message): message is AppendEntriesResponse =>
      message.kind === 'AppendEntriesResponse' && message.term === second && message.accepted
    if ((await peers.heard(isTaken, WAIT_MS)) === undefined) {
      throw new Inconclusive('node 3 could not overwrite the log')
    }

    // Node 1 leads again. Node 3 alone stores what it is sent.
    peers.script = (message) =>
      message.kind === 'AppendEntries' && message.to !== 3 ? undefined : agree(message)
    await sentTo(node, 3, second + 1, 2)
    const answers = [node.produce(2_000), node.produce(2_000)]
    await sentTo(node, 3, second + 1, 4)
    peers.send(oldAnswer)
    const codes = (await Promise.all(answers)).map((answer) => answer?.code)
    return codes.includes('OK')
      ? 'acknowledged with two of five nodes: an acceptance of an overwritten entry was counted'
      : undefined
  },
}

/**
 * Row 52. The peers' echo of a heartbeat is held up until the lease that it gives has ended, and the
 * peers may have elected another leader and acknowledged more since. Thesis §6.4.1.
 */
export const lateEcho: ScriptedTrial = {
  name: 'an echo from before an election',
  setting: {
    nodes: 3,
    firstLeader: 1,
    timing: { heartbeatMs: 50, electionMinMs: 1_000, electionMaxMs: 1_200 },
  },
  async run(node) {
    const { peers } = node
    peers.script = agree
    await node.start()
    await acknowledged(node)

    peers.forget()
    peers.script = () => undefined
    const isBeat = (message: Message): message is Heartbeat => message.kind === 'Heartbeat'
    const beat = await peers.heard(isBeat, WAIT_MS)
    if (beat === undefined) throw new Inconclusive('no heartbeat came')
    // The lease ends 800 ms after the beat was sent; the leader gives up after 1,000 ms.
    await pause(900)
    for (const from of [2, 3]) {
      const echo = agree({ ...beat, to: NodeId(from) })
      if (echo !== undefined) peers.send(echo)
    }
    // By now peers that have heard nothing since the beat can have elected one of themselves.
    await pause(250)
    const code = await node.leaseFetch()
    if (code === 'NO_LEADER' || code === 'NOT_LEADER') throw new Inconclusive('it leads no more')
    return code === 'OK'
      ? 'a lease read was answered 1,150 ms after the last confirmed heartbeat, when another may lead'
      : undefined
  },
}

/** Resolves once the node leads and has had a batch acknowledged. */
async function acknowledged(node: RealNode): Promise<void> {
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += 50) {
    if ((await node.produce(WAIT_MS))?.code === 'OK') return
    await pause(50)
  }
  throw new Inconclusive('nothing could be acknowledged')
}

const last = ({ previous, entries }: AppendEntries): number => previous.index + entries.length

/** Waits until the node has sent `to` an entry at `index`, in `term` or, if that is 0, in any. */
async function sentTo(
  node: RealNode,
  to: number,
  term: number,
  index: number,
): Promise<AppendEntries> {
  const fits = (message: Message): message is AppendEntries =>
    message.kind === 'AppendEntries' &&
    message.to === to &&
    (term === 0 || message.term === term) &&
    last(message) >= index
  const found = await node.peers.heard(fits, WAIT_MS)
  if (found === undefined) throw new Inconclusive(`node ${to} was not sent entry ${index}`)
  return found
}

/** The first append of a leader that has overwritten everything. */
const takeover = (from: number, term: number): Message => ({
  kind: 'AppendEntries',
  from: NodeId(from),
  to: REAL,
  term: Term(term),
  previous: { term: Term(0), index: LogIndex(0) },
  entries: [{ term: Term(term), index: LogIndex(1), kind: 'noop', payload: new Uint8Array(0) }],
  commitIndex: LogIndex(0),
})
