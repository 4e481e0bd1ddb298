import { readFileSync } from 'node:fs'
import { status } from '@grpc/grpc-js'
import { definitenessOf } from '../../contract/codes.ts'
import { openNodeProbe } from '../cluster/grpc-node-probe.ts'
import type { GroupView } from '../cluster/node-probe.ts'
import { type AdapterLab, nowMs, sleepMs } from './adapter-lab.ts'
import type { AdapterRule } from './adapter-rule.ts'
import { Broken, hold, Unsupported } from './broken.ts'
import { batchOf, type LogSession } from './log-session.ts'
import { callNode, laterCalls } from './node-calls.ts'

const CATCH_UP_MS = 10_000
const TAKE_OVER_MS = 20_000
const RECORDS = 10
const PAYLOAD = 'p'.repeat(2_000)

/** What nodes promise together, and what they say of themselves. */
export const adapterClusterRules: readonly AdapterRule[] = [
  {
    name: 'watch',
    promise: 'tells the state of every group at once: term, role, leader, members',
    check: async (lab) => {
      const log = await lab.partition()
      await log.append(batchOf(['a']))
      const view = await viewOf(lab, log, log.leader)
      const seen = JSON.stringify(view)
      hold(view.role === 'leader' && view.leader === log.leader, 'role leader, itself', seen)
      hold(view.term >= 1 && view.commitIndex >= 1, 'a term and a commit index', seen)
    },
  },
  {
    name: 'later-calls',
    promise:
      'ends calls that it does not offer as UNIMPLEMENTED, with a text that says UNSUPPORTED',
    check: async (lab) => {
      const log = await lab.partition()
      for (const method of laterCalls) {
        const { code, details } = await callNode(log.addressOf(log.leader), method)
        lab.transcript.push(`→ ${method} · ← gRPC status ${code} "${details}"`)
        const isHonest = code === status.OK || details.startsWith('UNSUPPORTED')
        hold(isHonest, `an answer to ${method}, or UNSUPPORTED`, `status ${code} "${details}"`)
      }
    },
  },
  {
    name: 'not-leader',
    promise: 'refuses a produce on a follower as NOT_LEADER, names the leader, appends nothing',
    check: async (lab) => {
      const log = await lab.partition()
      await log.append(batchOf(['a']))
      const refused = await log.produce(batchOf(['b']), {}, log.follower)
      const isRefused = refused.code === 'NOT_LEADER' || refused.code === 'NO_LEADER'
      hold(isRefused, 'NOT_LEADER', refused.code)
      const leads = refused.code === 'NO_LEADER' || refused.leader === log.leader
      hold(leads, `leader ${log.leader}`, `leader ${refused.leader}`)
      const { baseOffset } = await log.append(batchOf(['c']))
      hold(baseOffset === 1, 'offset 1 for the next record', `offset ${baseOffset}`)
    },
  },
  {
    name: 'followers-agree',
    promise: 'serves the same bytes from every node once it has caught up',
    check: async (lab) => {
      const log = await lab.partition()
      for (let at = 0; at < RECORDS; at += 1) await log.append(batchOf([`${at}`]))
      const { batches } = await log.fetch(0)
      for (const { node } of log.cluster.nodes) {
        const copy = await caughtUp(log, node, batches.length)
        const at = batches.findIndex((batch, place) => !sameBytes(batch, copy[place]))
        hold(at === -1, `what the leader has, on node ${node}`, `another batch ${at}`)
      }
    },
  },
  {
    name: 'counters',
    promise: 'counts what it does: no less than it must have done, no more than the system saw',
    check: async (lab) => {
      const log = await lab.partition()
      const before = await standOf(log)
      const batch = batchOf([PAYLOAD])
      for (let count = 0; count < RECORDS; count += 1) await log.append(batch)
      const after = await standOf(log)
      lab.transcript.push(`${RECORDS} acknowledged batches of ${batch.length} bytes`)
      countersHold(lab, before, after, batch.length)
    },
  },
  {
    name: 'no-quorum',
    promise:
      'without a majority answers an indefinite code in time, never OK, never a definite one',
    check: async (lab) => {
      const cluster = await lab.cluster([0])
      const log = lab.session(cluster, 0)
      await log.append(batchOf(['a']))
      const leader = log.leader
      for (const { node } of cluster.nodes) if (node !== leader) cluster.pause(node)
      lab.transcript.push('stops both followers with SIGSTOP')
      const beganMs = nowMs()
      const { code } = await log.produce(batchOf(['b']), { timeoutMs: 700 }, leader)
      const tookMs = Math.round(nowMs() - beganMs)
      hold(definitenessOf(code) === 'indefinite', 'TIMED_OUT or another indefinite code', code)
      hold(tookMs < 4_000, 'an answer soon after the timeout of 700 ms', `${tookMs} ms`)
    },
  },
  {
    name: 'leader-killed',
    promise: 'keeps every acknowledged record when the leader is killed, and elects another one',
    check: async (lab) => {
      const cluster = await lab.cluster([0])
      const log = lab.session(cluster, 0)
      const sent = await appendAll(log)
      const killed = log.leader
      await cluster.kill(killed)
      lab.transcript.push(`kills node ${killed}, which led`)
      await ledByAnother(log, killed)
      await keeps(log, sent)
    },
  },
  {
    name: 'restart',
    promise: 'keeps every acknowledged record when all nodes are killed and started again',
    check: async (lab) => {
      if (lab.durability === 'D0') throw new Unsupported('claims D0: nothing survives its process')
      const cluster = await lab.cluster([0])
      const log = lab.session(cluster, 0)
      const sent = await appendAll(log)
      const nodes = cluster.nodes.map(({ node }) => node)
      for (const node of nodes) await cluster.kill(node)
      lab.transcript.push('kills all nodes, and starts them again')
      log.close()
      for (const node of nodes) await cluster.restart(node)
      await cluster.untilLed()
      await keeps(log, sent)
    },
  },
]

const sameBytes = (one: Uint8Array, two: Uint8Array | undefined): boolean =>
  two !== undefined && Buffer.compare(one, two) === 0

function viewOf(lab: AdapterLab, log: LogSession, node: number): Promise<GroupView> {
  const probe = openNodeProbe({ node, address: log.addressOf(node), runId: lab.runId })
  const views = new Promise<GroupView>((resolve, reject) => {
    probe.watch((view) => {
      if (view.group === log.group) resolve(view)
    }, reject)
  })
  return views.finally(() => probe.close())
}

async function caughtUp(
  log: LogSession,
  node: number,
  count: number,
): Promise<readonly Uint8Array[]> {
  const untilMs = nowMs() + CATCH_UP_MS
  for (;;) {
    const { batches } = await log.fetch(0, { consistency: 'committed' }, node)
    if (batches.length >= count) return batches
    const seen = `${batches.length} after ${CATCH_UP_MS} ms`
    hold(nowMs() < untilMs, `${count} batches on node ${node}`, seen)
    await sleepMs(20)
  }
}

/** What the leader counted, and what the operating system counted for its process. */
async function standOf(log: LogSession) {
  const snapshot = (await log.cluster.snapshot()).find(({ node }) => node === log.leader)
  const pid = log.cluster.nodes.find(({ node }) => node === log.leader)?.pid
  if (snapshot === undefined) throw new Broken('counters of the leader', 'none')
  const io = readFileSync(`/proc/${pid}/io`, 'utf8')
  return { counters: snapshot.counters, wroteBytes: Number(/wchar: (\d+)/.exec(io)?.[1]) }
}

type Stand = Awaited<ReturnType<typeof standOf>>

function countersHold(lab: AdapterLab, before: Stand, after: Stand, batchBytes: number): void {
  const grew = (name: 'produced' | 'requestsReceived' | 'syncs' | 'bytesWritten'): number =>
    after.counters[name] - before.counters[name]
  const least = RECORDS * batchBytes
  hold(grew('produced') === RECORDS, `produced + ${RECORDS}`, `+ ${grew('produced')}`)
  const requests = grew('requestsReceived')
  hold(requests >= RECORDS, `requestsReceived + ${RECORDS} or more`, `+ ${requests}`)
  if (lab.durability === 'D0') return
  const wrote = after.wroteBytes - before.wroteBytes
  hold(
    grew('bytesWritten') >= least,
    `bytesWritten + ${least} or more`,
    `+ ${grew('bytesWritten')}`,
  )
  const most = `bytesWritten of at most the ${wrote} that the system saw written`
  hold(grew('bytesWritten') <= wrote, most, `${grew('bytesWritten')}`)
  if (lab.durability === 'D1') return
  const syncs = grew('syncs')
  hold(syncs >= RECORDS / 2, `a sync for each of ${RECORDS} lone requests, or most`, `${syncs}`)
}

async function appendAll(log: LogSession): Promise<readonly string[]> {
  const texts = Array.from({ length: RECORDS }, (_, at) => `record-${at}`)
  for (const text of texts) await log.append(batchOf([text]))
  return texts
}

async function ledByAnother(log: LogSession, killed: number): Promise<void> {
  const untilMs = nowMs() + TAKE_OVER_MS
  while (log.cluster.leaderOf(log.group) === undefined || log.leader === killed) {
    hold(nowMs() < untilMs, `another leader within ${TAKE_OVER_MS} ms`, 'none')
    await sleepMs(20)
  }
}

async function keeps(log: LogSession, sent: readonly string[]): Promise<void> {
  const untilMs = nowMs() + TAKE_OVER_MS
  let fetched = await log.fetch(0)
  while (fetched.code !== 'OK' && nowMs() < untilMs) {
    await sleepMs(50)
    fetched = await log.fetch(0)
  }
  const texts = fetched.batches.map((batch) => Buffer.from(batch).toString('latin1'))
  const lost = sent.find((text, at) => texts[at]?.includes(text) !== true)
  hold(lost === undefined, `all ${sent.length} acknowledged records`, `${lost} is not there`)
}
