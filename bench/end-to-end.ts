import { closeSync, fdatasync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '../src/os/clock.ts'
import { type BenchCluster, startBenchCluster } from './support/bench-cluster.ts'
import { batchOf, closedLoop } from './support/closed-loop.ts'

/**
 * Three processes over a real disk, every acknowledgement synced on a majority, 100-byte requests.
 * What stands beside: a bare write and fdatasync of as many bytes, in turn with the measurements.
 */
const REQUEST_BYTES = 100
const WARM_SECONDS = 4
const SECONDS = 2
const ROUNDS = 3
const SYNCS = 300
const REQUESTS_PER_SECOND_MIN = 60_000
const SYNCS_OF_P50_MAX = 5

const batch = batchOf(REQUEST_BYTES)
const cluster = await startBenchCluster({ raft: 'event', store: 'wal', durability: 'D2', nodes: 3 })
const rounds = await measure(cluster).finally(() => cluster.close())

const best = Math.max(...rounds.map(({ many }) => many.requestsPerSecond))
const ratios = rounds.map(({ one, syncP50Ms }) => one.p50Ms / syncP50Ms).sort((a, b) => a - b)
const ratio = ratios[ratios.length >> 1] ?? Number.NaN
const claims = [
  {
    claim: 'event/wal at D2 with 256 in flight (requests/s, best of rounds)',
    value: Math.round(best),
    limit: REQUESTS_PER_SECOND_MIN,
    held: best >= REQUESTS_PER_SECOND_MIN,
  },
  {
    claim: 'p50 with 1 in flight ÷ p50 of a bare fdatasync (median of rounds)',
    value: ratio,
    limit: SYNCS_OF_P50_MAX,
    held: ratio <= SYNCS_OF_P50_MAX,
  },
]
console.log(JSON.stringify({ bench: 'end-to-end', figures: { rounds }, claims }))
process.exitCode = claims.every(({ held }) => held) ? 0 : 1

async function measure({ leader, directory }: BenchCluster) {
  await closedLoop(leader, { batch, inFlight: 256, seconds: WARM_SECONDS })
  await closedLoop(leader, { batch, inFlight: 1, seconds: WARM_SECONDS })
  const measured = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const many = await closedLoop(leader, { batch, inFlight: 256, seconds: SECONDS })
    const one = await closedLoop(leader, { batch, inFlight: 1, seconds: SECONDS })
    measured.push({ many, one, syncP50Ms: await bareSyncP50Ms(directory) })
  }
  return measured
}

/** What a store cannot beat: one write at the end of a file, then fdatasync through libuv. */
async function bareSyncP50Ms(directory: string): Promise<number> {
  const file = openSync(join(directory, 'bare'), 'a')
  const sync = promisify(fdatasync)
  const latenciesMs: number[] = []
  for (let at = 0; at < SYNCS; at += 1) {
    const startNs = systemClock.nowNs()
    writeSync(file, batch)
    await sync(file)
    latenciesMs.push((systemClock.nowNs() - startNs) / 1e6)
  }
  closeSync(file)
  latenciesMs.sort((a, b) => a - b)
  return latenciesMs[SYNCS >> 1] ?? Number.NaN
}
