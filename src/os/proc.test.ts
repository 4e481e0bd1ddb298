import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import {
  costOfProcess,
  costOfThisThread,
  diskBytesWritten,
  machineTime,
  startTimeOfProcess,
} from './proc.ts'

const BURNT_MS = 300
const EXT4 = 0xef53

test('CPU time counts all threads, and an ended thread’s work stays in it', async () => {
  const before = cpuMs()

  const worker = new Worker(
    `const end = process.cpuUsage().user + ${BURNT_MS} * 1000
     while (process.cpuUsage().user < end);`,
    { eval: true },
  )
  await once(worker, 'exit')

  // The worker's thread is gone, so its own counters are; 20 ms is what ticks may cut off.
  expect(cpuMs() - before).toBeGreaterThan(BURNT_MS - 20)
})

test('CPU time agrees with what the process says of itself', () => {
  const own = process.cpuUsage()
  const cost = cpuMs()

  const ownMs = (own.user + own.system) / 1_000
  expect(cost).toBeGreaterThan(ownMs - 30)
  expect(cost).toBeLessThan(ownMs + 30)
})

test('memory is that of the process', () => {
  const cost = costOfProcess(process.pid)

  const rss = process.memoryUsage.rss()
  expect((cost?.rssBytes ?? 0) / rss).toBeCloseTo(1, 0)
  expect(cost?.rssBytesMax).toBeGreaterThanOrEqual(cost?.rssBytes ?? Number.POSITIVE_INFINITY)
})

test('what is synced is given to a disk, unless the file system lives in memory', () => {
  const directory = mkdtempSync(join(tmpdir(), 'raftmark-proc-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const before = diskBytesWritten()
  const file = openSync(join(directory, 'file'), 'w')
  writeSync(file, new Uint8Array(1 << 20))
  fdatasyncSync(file)
  closeSync(file)

  const grown = diskBytesWritten() - before
  const isOnDisk = statfsSync(directory).type === EXT4
  // Others write too, and some machines do not tell: only what must be is asked for.
  expect(isOnDisk && Number.isFinite(grown) ? grown : 1 << 20).toBeGreaterThanOrEqual(1 << 20)
})

test('a process that ended costs nothing any more, even if nobody collected it yet', async () => {
  const child = spawn('true')
  onTestFinished(() => void child.kill())

  await expect.poll(() => costOfProcess(child.pid as number)).toBeUndefined()
})

test('a process id and its start time name one process', async () => {
  const child = spawn('sleep', ['60'])
  const first = startTimeOfProcess(child.pid as number)
  child.kill('SIGKILL')
  await once(child, 'exit')

  expect(first).toBeGreaterThan(startTimeOfProcess(process.pid) as number)
  expect(startTimeOfProcess(child.pid as number)).toBeUndefined()
})

test('the machine’s time holds its idle and stolen parts, and this thread’s is a part of it', () => {
  const { totalNs, idleNs, stealNs } = machineTime()

  expect(idleNs + stealNs).toBeLessThan(totalNs)
  expect(idleNs).toBeGreaterThan(0)
  expect(costOfThisThread().cpuNs).toBeGreaterThan(0)
})

const cpuMs = (): number => (costOfProcess(process.pid)?.cpuNs ?? 0) / 1e6
