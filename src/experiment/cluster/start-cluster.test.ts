import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { fakeCluster } from '../../../test/support/fake-cluster.ts'
import type { RaftmarkError } from '../../base/errors.ts'
import { createGuard, type Guard } from '../../os/guard.ts'
import type { Command } from '../../os/guarded-process.ts'
import { costOfProcess } from '../../os/proc.ts'
import type { ClusterLimits } from './cluster.ts'
import { NoAnswer } from './node-probe.ts'
import { startCluster } from './start-cluster.ts'

let guard: Guard
beforeAll(async () => {
  guard = await createGuard()
})
afterAll(() => guard.close())

function setUp(way: string, limits?: Partial<ClusterLimits>) {
  const fake = fakeCluster(way, guard, limits)
  onTestFinished(fake.remove)
  return fake
}

test('resolves once every node serves and every group has a leader', async () => {
  const { options } = setUp('good')

  const cluster = await startCluster(options)

  expect(cluster.nodes.map(({ node }) => node)).toEqual([1, 2, 3])
  expect(cluster.leaderOf(0)).toBe(1)
  expect(cluster.elections).toBe(0)
  await cluster.stop()
})

test('a slow start is a start', async () => {
  const { options } = setUp('slow')

  const cluster = await startCluster(options)

  expect(cluster.nodes).toHaveLength(3)
  await cluster.stop()
})

test.each([
  ['exits-at-once', 'adapter-exited', /exit code 3 before it served/],
  ['exits-at-once', 'adapter-exited', /stderr: because it is damaged/],
  ['prints-nothing', 'adapter-handshake-failed', /no line on standard output within 0\.2 s/],
  ['prints-nothing', 'adapter-handshake-failed', /limit handshakeMs/],
  ['rubbish', 'adapter-handshake-failed', /printed "Server listening!" instead of/],
  ['wrong-contract', 'adapter-handshake-failed', /speaks contract 99/],
  ['wrong-address', 'adapter-handshake-failed', /serves at "127\.0\.0\.1:1", but was told/],
])('a node that %s is refused as %s', async (way, code, message) => {
  const handshakeMs = way === 'prints-nothing' ? 200 : 20_000
  const { options } = setUp(way, { handshakeMs })

  const failure = await failureOf(startCluster(options))

  expect(failure).toMatchObject({ code, message: expect.stringMatching(message) })
  expect(failure.message).toContain(`node.mjs ${way}`)
  expect(existsSync(options.dataDirectory)).toBe(false)
})

test('a second line on standard output is refused, even after the start', async () => {
  const { options, probes } = setUp('twice')
  probes.withoutLeader()

  const failure = await failureOf(startCluster(options))

  expect(failure).toMatchObject({
    code: 'adapter-handshake-failed',
    message: expect.stringContaining('printed a second line'),
  })
})

test('a cluster that elects nobody is given up after its limit', async () => {
  const { options, probes } = setUp('good', { leaderMs: 50 })
  probes.withoutLeader()

  const failure = await failureOf(startCluster(options))

  expect(failure).toMatchObject({
    code: 'cluster-leaderless',
    message: expect.stringContaining('group 0, 1'),
  })
})

test('a node whose port was taken is started on another one', async () => {
  const { options } = setUp('port-taken-once')

  const cluster = await startCluster(options)

  expect(cluster.nodes).toHaveLength(3)
  await cluster.stop()
})

test('a machine on which every port is taken is said to be one', async () => {
  const { options } = setUp('port-taken-always', { portTries: 2 })

  const failure = await failureOf(startCluster(options))

  expect(failure).toMatchObject({ code: 'environment-lacking' })
})

test('a program that is not there is named', async () => {
  const { options } = setUp('good')
  const manifest = { ...options.adapter.manifest, start: ['./not-built'] }

  const failure = await failureOf(
    startCluster({ ...options, adapter: { ...options.adapter, manifest } }),
  )

  expect(failure).toMatchObject({ code: 'environment-lacking' })
  expect(failure.message).toContain('./not-built')
})

test('an abort ends the start with its reason and leaves no process', async () => {
  const { options, probes } = setUp('good')
  probes.withoutLeader()
  const abort = new AbortController()
  const pids: number[] = []
  const openProbe: typeof options.openProbe = (target) => {
    abort.abort(new Error('Ctrl-C'))
    return probes.open(target)
  }
  const recording: Guard = Object.create(guard, {
    start: {
      value: async (command: Command) => {
        const process = await guard.start(command)
        pids.push(process.pid)
        return process
      },
    },
    makeTemporary: { value: guard.makeTemporary.bind(guard) },
    removeTemporary: { value: guard.removeTemporary.bind(guard) },
  })

  const start = startCluster({ ...options, guard: recording, openProbe, signal: abort.signal })

  await expect(start).rejects.toThrow('Ctrl-C')
  expect(pids).toHaveLength(3)
  expect(pids.filter((pid) => costOfProcess(pid) !== undefined)).toEqual([])
  expect(existsSync(options.dataDirectory)).toBe(false)
})

test.each(['good', 'waits-for-sigterm', 'stubborn'])('stop ends a node that is %s', async (way) => {
  const { options } = setUp(way, { endMs: 50, terminateMs: 50 })
  const cluster = await startCluster(options)
  const pids = cluster.nodes.map(({ pid }) => pid)

  await cluster.stop()

  expect(pids.map((pid) => costOfProcess(pid))).toEqual([undefined, undefined, undefined])
  expect(existsSync(options.dataDirectory)).toBe(false)
})

test('stop keeps each node’s configuration, standard error and last counters', async () => {
  const { options } = setUp('good')
  const cluster = await startCluster(options)

  await cluster.stop()

  const read = (name: string) => readFileSync(`${options.runDirectory}/nodes/2/${name}`, 'utf8')
  expect(JSON.parse(read('config.json'))).toMatchObject({ node: 2, firstLeader: 1, contract: 1 })
  expect(JSON.parse(read('counters.json'))).toMatchObject({ node: 2, counters: { syncs: 0 } })
  expect(read('stderr.log')).toBe('')
})

test('a node that ends by itself is a failure, one that is killed is none', async () => {
  const { options } = setUp('ends-later')
  const cluster = await startCluster(options)
  const failures: RaftmarkError[] = []
  await cluster.kill(1)

  await new Promise<void>((resolve) =>
    cluster.onFailure((failure) => {
      failures.push(failure)
      if (failures.length === 2) resolve()
    }),
  )

  const messages = failures.map(({ message }) => message.split('\n', 1)[0]).sort()
  expect(messages).toEqual([
    'node 2 of "fake-ends-later" ended with exit code 7 while it was needed',
    'node 3 of "fake-ends-later" ended with exit code 7 while it was needed',
  ])
  await cluster.stop()
})

test('a node that runs on without its Watch stream is a failure', async () => {
  const { options, probes } = setUp('good', { watchEndMs: 10 })
  const cluster = await startCluster(options)

  probes.endWatch(3)

  const failure = await new Promise<RaftmarkError>((resolve) => cluster.onFailure(resolve))
  expect(failure.message).toContain('node 3 of "fake-good" runs, but ended its Watch stream')
  await cluster.stop()
})

test('a killed node leads nothing, and is started again at its address', async () => {
  const { options } = setUp('good')
  const cluster = await startCluster(options)
  const before = cluster.nodes[0]

  await cluster.kill(1)
  const leaderWhileKilled = cluster.leaderOf(0)
  await cluster.restart(1)

  const after = cluster.nodes[0]
  expect(leaderWhileKilled).toBeUndefined()
  expect(after?.address).toBe(before?.address)
  expect(after?.pid).not.toBe(before?.pid)
  await cluster.stop()
})

test('a paused node is stopped by the kernel, resumed, and killed when it never is', async () => {
  const { options } = setUp('good')
  const cluster = await startCluster(options)
  const [, second, third] = cluster.nodes.map(({ pid }) => pid)

  cluster.pause(2)
  cluster.pause(3)
  cluster.resume(2)

  await expect.poll(() => stateOf(third)).toBe('T')
  expect(stateOf(second)).not.toBe('T')
  await cluster.stop()
  expect(existsSync(`/proc/${third}`)).toBe(false)
})

test('elections are the takeovers in new terms since the start', async () => {
  const { options, probes } = setUp('good')
  const cluster = await startCluster(options)

  probes.say(2, { group: 1, term: 2, role: 'leader' })
  probes.say(1, { group: 1, term: 2, role: 'follower' })
  probes.say(2, { group: 1, term: 2, role: 'leader' })

  expect(cluster.elections).toBe(1)
  expect([cluster.leaderOf(0), cluster.leaderOf(1)]).toEqual([1, 2])
  await cluster.stop()
})

test('a snapshot tells the cost of each node and what it leads', async () => {
  const { options } = setUp('good')
  const cluster = await startCluster(options)

  const snapshots = await cluster.snapshot()

  expect(snapshots.map(({ leads }) => leads)).toEqual([[0, 1], [], []])
  for (const { cpuNs, rssBytes, rssBytesMax } of snapshots) {
    expect(cpuNs).toBeGreaterThan(1_000_000)
    expect(rssBytesMax).toBeGreaterThanOrEqual(rssBytes)
    expect(rssBytes).toBeGreaterThan(1_000_000)
  }
  await cluster.stop()
})

test.each([
  [new NoAnswer('5 s'), /node \d of "fake-good" did not answer within 5 s \(limit answerMs\)/],
  [new Error('UNIMPLEMENTED'), /node \d of "fake-good" refused the call Counters: UNIMPLEMENTED/],
])('a node without counters is named with the reason: %s', async (failure, message) => {
  const { options, probes } = setUp('good', { watchEndMs: 10 })
  const cluster = await startCluster(options)
  probes.failCounters(failure)

  const error = await failureOf(cluster.snapshot())

  expect(error).toMatchObject({
    code: 'node-unresponsive',
    message: expect.stringMatching(message),
  })
  await cluster.stop()
})

async function failureOf(promise: Promise<unknown>): Promise<RaftmarkError> {
  return promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error) => error,
  )
}

/** The letter of the process's state: T is stopped. */
function stateOf(pid: number | undefined): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
}
