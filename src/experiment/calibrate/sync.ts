import { closeSync, fdatasync, openSync, rmSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { systemClock } from '../../os/clock.ts'
import { freshToken } from '../../os/entropy.ts'

const KIBIBYTE = 1_024
const MEBIBYTE = 1_048_576

/** What a store appends at least, and what the bound on foreign noise is taken from. */
export const SMALLEST_SYNC_BYTES = 4 * KIBIBYTE

/** From one small entry to the batch of a busy leader. */
export const syncSizes = [SMALLEST_SYNC_BYTES, ...[16, 64, 256, 1_024].map((k) => k * KIBIBYTE)]

/** Where a sync costs nothing, time alone would let the file grow by gigabytes. */
export const APPENDED_BYTES_MAX = 64 * MEBIBYTE
const SYNCS_MAX = 2_048
export const BANDWIDTH_BYTES_MAX = 4 * APPENDED_BYTES_MAX

/**
 * How long appending `bytes` and syncing it takes, in milliseconds, again and again for up to
 * `forMs`, as the stores do it: written at once, synced on a thread of the pool.
 */
export async function sampleSyncs(
  directory: string,
  { bytes, forMs }: { readonly bytes: number; readonly forMs: number },
): Promise<readonly number[]> {
  const samplesMax = Math.min(SYNCS_MAX, Math.ceil(APPENDED_BYTES_MAX / bytes))
  return withTemporaryFile(directory, async (file) => {
    const content = new Uint8Array(bytes).fill(0xa5)
    const samples: number[] = []
    const endNs = systemClock.nowNs() + forMs * 1e6
    do {
      const startNs = systemClock.nowNs()
      writeSync(file, content)
      await sync(file)
      samples.push((systemClock.nowNs() - startNs) / 1e6)
    } while (systemClock.nowNs() < endNs && samples.length < samplesMax)
    return samples
  })
}

/** Appends 1 MiB at a time for up to `forMs`, then syncs once: bytes per second of all that. */
export async function measureBandwidth(directory: string, forMs: number): Promise<number> {
  return withTemporaryFile(directory, async (file) => {
    const content = new Uint8Array(MEBIBYTE).fill(0xa5)
    const startNs = systemClock.nowNs()
    let written = 0
    do {
      written += writeSync(file, content)
    } while (systemClock.nowNs() - startNs < forMs * 1e6 && written < BANDWIDTH_BYTES_MAX)
    await sync(file)
    return (written / (systemClock.nowNs() - startNs)) * 1e9
  })
}

const sync = promisify(fdatasync)

async function withTemporaryFile<T>(
  directory: string,
  use: (file: number) => Promise<T>,
): Promise<T> {
  const path = `${directory}/.calibrate-${freshToken(8)}`
  const file = openSync(path, 'wx')
  try {
    return await use(file)
  } finally {
    closeSync(file)
    rmSync(path, { force: true })
  }
}
