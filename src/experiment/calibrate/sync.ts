import { closeSync, fdatasync, openSync, rmSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { systemClock } from '../../os/clock.ts'
import { freshToken } from '../../os/entropy.ts'

const SYNCED_BYTES = 4_096

/** 8 MiB: where a sync costs nothing, time alone would let the file grow by gigabytes. */
const SYNCS_MAX = 2_048

/**
 * How long appending 4 KiB and syncing it takes, again and again for up to `forMs`, as the stores do it:
 * written at once, synced on a thread of the pool.
 */
export async function sampleSyncs(directory: string, forMs: number): Promise<readonly number[]> {
  const path = `${directory}/.calibrate-${freshToken(8)}`
  const file = openSync(path, 'wx')
  try {
    return await appendAndSync(file, forMs)
  } finally {
    closeSync(file)
    rmSync(path, { force: true })
  }
}

async function appendAndSync(file: number, forMs: number): Promise<readonly number[]> {
  const bytes = new Uint8Array(SYNCED_BYTES).fill(0xa5)
  const sync = promisify(fdatasync)
  const samples: number[] = []
  const endNs = systemClock.nowNs() + forMs * 1e6
  do {
    const startNs = systemClock.nowNs()
    writeSync(file, bytes)
    await sync(file)
    samples.push((systemClock.nowNs() - startNs) / 1e6)
  } while (systemClock.nowNs() < endNs && samples.length < SYNCS_MAX)
  return samples
}
