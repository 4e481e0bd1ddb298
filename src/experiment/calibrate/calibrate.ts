import { assert } from '../../base/assert.ts'
import { isoTime, systemClock, wallClock } from '../../os/clock.ts'
import { ensureWritable } from '../../os/files.ts'
import type { Guard } from '../../os/guard.ts'
import { fileSystemOf } from '../../os/machine.ts'
import { costOfThisThread, machineTime } from '../../os/proc.ts'
import {
  type Calibration,
  type FullCalibration,
  type Quantiles,
  quantilesOf,
  warningsOf,
} from './calibration.ts'
import { askFio, fioWarnings } from './fio.ts'
import { sampleRoundTrips } from './round-trip.ts'
import {
  APPENDED_BYTES_MAX,
  BANDWIDTH_BYTES_MAX,
  measureBandwidth,
  SMALLEST_SYNC_BYTES,
  sampleSyncs,
  syncSizes,
} from './sync.ts'

/** How long each part may take: 0.6 + 0.5 + 0.5 + 0.3 s and the echo process's start. */
const SYNC_MS = 600
const ROUND_TRIP_MS = 500
const TIMER_MS = 500
const CORE_MS = 300
/** In full: each size of sync, and the bandwidth. */
const SIZE_MS = 500
const BANDWIDTH_MS = 500

/**
 * Measures in `directory` (made if needed, left empty of our files). Rejects with RaftmarkError
 * `directory-unusable` when nothing can be written there.
 */
export async function calibrate(options: {
  readonly directory: string
  readonly guard: Guard
}): Promise<Calibration> {
  const { directory, guard } = options
  await ensureWritable(directory)
  const before = machineTime()
  const syncMs = quantilesOf(
    await sampleSyncs(directory, { bytes: SMALLEST_SYNC_BYTES, forMs: SYNC_MS }),
  )
  const roundTripMs = quantilesOf(await sampleRoundTrips(guard, directory, ROUND_TRIP_MS))
  const timerLatenessMs = quantilesOf(await sampleTimers(TIMER_MS))
  const core = measureCore(CORE_MS)
  const after = machineTime()
  const figures = {
    syncMs,
    roundTripMs,
    timerLatenessMs,
    ...core,
    stealRatio: (after.stealNs - before.stealNs) / Math.max(1, after.totalNs - before.totalNs),
  }
  const { type } = await fileSystemOf(directory)
  return {
    schema: 'raftmark/calibration/1',
    takenAt: isoTime(wallClock),
    ...figures,
    warnings: warningsOf(figures, type),
  }
}

/**
 * The same, then how a sync's time grows with its size, what the disk takes in a row, and what fio
 * says of both where it is installed.
 */
export async function calibrateInFull(options: {
  readonly directory: string
  readonly guard: Guard
}): Promise<FullCalibration> {
  const { directory } = options
  const short = await calibrate(options)
  const syncs: { bytes: number; syncMs: Quantiles }[] = []
  for (const bytes of syncSizes) {
    const samples = await sampleSyncs(directory, { bytes, forMs: SIZE_MS })
    syncs.push({ bytes, syncMs: quantilesOf(samples) })
  }
  const own = { syncs, writtenBytesPerSecond: await measureBandwidth(directory, BANDWIDTH_MS) }
  const limits = { bytesMaxPerSync: APPENDED_BYTES_MAX, bytesMax: BANDWIDTH_BYTES_MAX }
  const fio = await askFio(directory, own, limits)
  return {
    ...short,
    ...own,
    schema: 'raftmark/calibration-full/1',
    fileSystem: await fileSystemOf(directory),
    fio,
    warnings: [...short.warnings, ...fioWarnings(fio)],
  }
}

/** How late 1 ms timers ring, one after the other. */
async function sampleTimers(forMs: number): Promise<readonly number[]> {
  const samples: number[] = []
  const endNs = systemClock.nowNs() + forMs * 1e6
  while (systemClock.nowNs() < endNs) {
    const dueNs = systemClock.nowNs() + 1e6
    await new Promise<void>((resolve) => systemClock.wakeAt(dueNs, resolve))
    samples.push((systemClock.nowNs() - dueNs) / 1e6)
  }
  return samples
}

const ROUNDS_PER_LOOK = 100_000

/** Blocks for `forMs`. */
export function measureCore(forMs: number): Pick<Calibration, 'coreScore' | 'runDelayRatio'> {
  const startNs = systemClock.nowNs()
  const before = costOfThisThread()
  let rounds = 0
  let state = 1
  while (systemClock.nowNs() - startNs < forMs * 1e6) {
    state = mixed(state)
    rounds += ROUNDS_PER_LOOK
  }
  assert(state !== 0, 'a xorshift never reaches zero') // So that nobody can leave the loop out.
  const after = costOfThisThread()
  const tookNs = systemClock.nowNs() - startNs
  // By CPU time, not by the clock: the score is the core's, the delay that of its neighbours.
  return {
    coreScore: (rounds / (after.cpuNs - before.cpuNs)) * 1_000,
    runDelayRatio: (after.runDelayNs - before.runDelayNs) / tookNs,
  }
}

/** xorshift32 (Marsaglia 2003): each round needs the one before it, so it cannot be skipped. */
function mixed(seed: number): number {
  let state = seed
  for (let round = 0; round < ROUNDS_PER_LOOK; round += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
  }
  return state
}
