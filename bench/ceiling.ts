import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleepUntil } from '../src/base/clock.ts'
import { BatchEncoder } from '../src/contract/record-batch-encode.ts'
import { systemClock } from '../src/os/clock.ts'
import { crc32c } from '../src/os/crc32c.ts'
import { freePorts } from '../src/os/ports.ts'
import {
  type ClosedLoop,
  throughGeneratedCodec,
  throughLogClient,
  throughUnaryCalls,
} from './ceiling/closed-loops.ts'

/**
 * How much the harness itself can carry: `null` in a process of its own, against a bare echo of the
 * same frames through the generated codec and against unary calls. Loops take turns in slices, so
 * that foreign load meets all of them; the median slice counts.
 */
const NULL_MANIFEST = join(import.meta.dirname, '../adapters/raft/null/adapter.json')
/** Of both servers: what a node of `null` is started with. */
const NODE_V8_FLAGS: readonly string[] = JSON.parse(
  readFileSync(NULL_MANIFEST, 'utf8'),
).start.filter((argument: string) => argument.startsWith('--'))
const SLICES = 5
const WARMUP_NS = 2_000_000_000
const SLICE_NS = 800_000_000

type Row = {
  readonly name: string
  readonly server: 'null' | 'echo'
  readonly start: (options: { address: string; window: number; batch: Uint8Array }) => ClosedLoop
  readonly window: number
  readonly valueBytes: number
}

const row = (
  name: string,
  server: Row['server'],
  start: Row['start'],
  window: number,
  valueBytes: number,
): Row => ({ name, server, start, window, valueBytes })

const rows: readonly Row[] = [
  row('null 64', 'null', throughLogClient, 64, 100),
  row('echo 64', 'echo', throughGeneratedCodec, 64, 100),
  row('null 1024', 'null', throughLogClient, 1024, 100),
  row('echo 1024', 'echo', throughGeneratedCodec, 1024, 100),
  row('unary 64', 'echo', throughUnaryCalls, 64, 100),
  row('null 10 kB', 'null', throughLogClient, 64, 10_000),
  row('echo 10 kB', 'echo', throughGeneratedCodec, 64, 10_000),
]

const encoder = new BatchEncoder(crc32c)
const scratch = mkdtempSync(join(tmpdir(), 'raftmark-ceiling-'))
const children: ChildProcess[] = []
try {
  const addresses = { null: await startNull(), echo: await startServer(['ceiling/echo-server.ts']) }
  const slices = new Map<string, number[]>(rows.map(({ name }) => [name, []]))
  for (let slice = 0; slice <= SLICES; slice += 1) {
    for (const each of rows) {
      const perSecond = await measure(each, addresses[each.server], slice === 0)
      console.error(`${slice === 0 ? 'warm-up' : `slice ${slice}`}: ${each.name} ${perSecond}/s`)
      if (slice > 0) slices.get(each.name)?.push(perSecond)
    }
  }
  report(Object.fromEntries([...slices].map(([name, values]) => [name, medianOf(values)])))
} finally {
  for (const child of children) child.stdin?.end()
  rmSync(scratch, { recursive: true })
}
process.exit()

function report(figures: Record<string, number>): void {
  const rate = (name: string): number => figures[name] ?? Number.NaN
  const ratio = (claim: string, value: number, limit: number) => ({
    claim,
    value: Math.round(value * 100) / 100,
    limit,
    held: value >= limit,
  })
  const claims = [
    ratio('64 in flight: null ÷ echo', rate('null 64') / rate('echo 64'), 1.5),
    ratio('1024 in flight: null ÷ echo', rate('null 1024') / rate('echo 1024'), 1.5),
    ratio('1024 in flight: null ÷ unary calls', rate('null 1024') / rate('unary 64'), 20),
    ratio('10 kB, bandwidth: null ÷ echo', rate('null 10 kB') / rate('echo 10 kB'), 0.8),
  ]
  console.log(JSON.stringify({ bench: 'ceiling', figures, claims }))
  process.exitCode = claims.every(({ held }) => held) ? 0 : 1
}

async function measure(
  { start, window, valueBytes }: Row,
  address: string,
  isWarmup: boolean,
): Promise<number> {
  const value = new Uint8Array(valueBytes)
  const loop = start({
    address,
    window,
    batch: encoder.encode({ timestampMs: 1, records: [{ value }] }),
  })
  const settleNs = isWarmup ? WARMUP_NS : SLICE_NS / 4
  await sleepUntil(systemClock, systemClock.nowNs() + settleNs)
  const [before, beforeNs] = [loop.count(), systemClock.nowNs()]
  await sleepUntil(systemClock, beforeNs + SLICE_NS)
  const perNs = (loop.count() - before) / (systemClock.nowNs() - beforeNs)
  loop.stop()
  return Math.round(perNs * 1e9)
}

async function startNull(): Promise<string> {
  const [port = 0] = await freePorts(1)
  const listen = `127.0.0.1:${port}`
  const config = {
    contract: 1,
    runId: 'ceiling',
    node: 1,
    raft: 'null',
    listen,
    nodes: [{ node: 1, address: listen }],
    groups: [0],
    firstLeader: 1,
    directory: scratch,
    store: '',
    durability: 'D0',
    syncDelayMs: 0,
    linkDelayMs: 0,
    timing: { heartbeatMs: 100, electionMinMs: 1000, electionMaxMs: 2000 },
    tuning: {},
    batchBytesMax: 1 << 20,
    threads: 2,
    seed: 1,
  }
  const path = join(scratch, 'config.json')
  writeFileSync(path, JSON.stringify(config))
  return startServer(['../src/node/main.ts', path])
}

async function startServer([script = '', ...rest]: readonly string[]): Promise<string> {
  const flags = [...NODE_V8_FLAGS, '--import', 'tsx', '--conditions', 'raftmark-source']
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, script), ...rest], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const [line] = await once(child.stdout, 'data')
  return JSON.parse(String(line)).address
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
