import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { freshToken } from '../../os/entropy.ts'
import { firstLineOf, outputOf } from '../../os/programs.ts'
import type { FioSecondOpinion, FullCalibration } from './calibration.ts'

/** Each size of sync, and the bandwidth: as long as our own. */
const JOB_MS = 500
/** fio's start, the jobs, and a disk on which the last sync takes long. */
const FIO_MS_MAX = 30_000
const BANDWIDTH_JOB = 'bandwidth'

/** What is set against fio. */
export type OwnDiskFigures = Pick<FullCalibration, 'syncs' | 'writtenBytesPerSecond'>

/**
 * The same appends and syncs by fio, in the same folder, in about four seconds. Nothing is thrown:
 * a machine without fio, or with one that fails, has no second opinion, and it says so.
 */
export async function askFio(
  directory: string,
  own: OwnDiskFigures,
  sizes: { readonly bytesMaxPerSync: number; readonly bytesMax: number },
): Promise<FioSecondOpinion> {
  const folder = join(directory, `.calibrate-fio-${freshToken(8)}`)
  mkdirSync(folder)
  try {
    const jobs = own.syncs.map(({ bytes }) => syncJob(bytes, sizes.bytesMaxPerSync))
    const args = [...COMMON, ...jobs.flat(), ...bandwidthJob(sizes.bytesMax)]
    const output = await outputOf('fio', args, { directory: folder, limitMs: FIO_MS_MAX })
    if (output.state === 'not-found') return { state: 'not-installed', wouldCompare: WOULD_COMPARE }
    if (output.state === 'failed') return output
    const version = (await firstLineOf('fio', ['--version'])) ?? 'fio'
    return compareWithFio(output.stdout, own, version)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const WOULD_COMPARE = ['write and fdatasync by size, 4 KiB to 1 MiB', 'bytes written in a row']

/**
 * As we do it: a new file that grows by each write, by write(2) through the page cache. One
 * process (`thread`), so that ending it ends all of it; one job after the other.
 */
const COMMON = [
  '--output-format=json',
  '--name=global',
  '--thread',
  '--ioengine=psync',
  '--rw=write',
  '--fallocate=none',
  '--percentile_list=50:99',
  `--runtime=${JOB_MS}ms`,
]

const syncJob = (bytes: number, bytesMax: number): string[] => [
  `--name=sync-${bytes}`,
  '--stonewall',
  '--fdatasync=1',
  `--bs=${bytes}`,
  `--size=${bytesMax}`,
]

const bandwidthJob = (bytesMax: number): string[] => [
  `--name=${BANDWIDTH_JOB}`,
  '--stonewall',
  '--end_fsync=1',
  '--bs=1048576',
  `--size=${bytesMax}`,
]

/** The part of fio's JSON (3.x) that is read; all of it is somebody else's, so nothing is sure. */
type FioJob = {
  readonly jobname?: string
  readonly write?: { readonly bw_bytes?: number; readonly clat_ns?: FioLatency }
  readonly sync?: { readonly lat_ns?: FioLatency }
}
type FioLatency = { readonly N?: number; readonly percentile?: Readonly<Record<string, number>> }

/** fio's output set against our own figures; `failed` when a figure is missing in it. */
function compareWithFio(stdout: string, own: OwnDiskFigures, version: string): FioSecondOpinion {
  const jobs = jobsOf(stdout)
  const jobNamed = (name: string) => jobs.find(({ jobname }) => jobname === name)
  const syncs = own.syncs.map(({ bytes, syncMs }) => {
    const job = jobNamed(`sync-${bytes}`)
    const fdatasyncMs = {
      p50: quantileMs(job?.sync?.lat_ns, 50),
      p99: quantileMs(job?.sync?.lat_ns, 99),
    }
    const writeMsP50 = quantileMs(job?.write?.clat_ns, 50)
    const count = job?.sync?.lat_ns?.N ?? Number.NaN
    const ratio = syncMs.p50 / (fdatasyncMs.p50 + writeMsP50)
    return { bytes, fdatasyncMs: { ...fdatasyncMs, count }, writeMsP50, ratio }
  })
  const writtenBytesPerSecond = jobNamed(BANDWIDTH_JOB)?.write?.bw_bytes ?? Number.NaN
  const bandwidthRatio = own.writtenBytesPerSecond / writtenBytesPerSecond
  const unread = syncs.find(({ ratio, fdatasyncMs }) => !Number.isFinite(ratio + fdatasyncMs.p99))
  if (unread !== undefined) return lacks(version, `the sync of ${unread.bytes} bytes`)
  if (!Number.isFinite(bandwidthRatio)) return lacks(version, 'the bandwidth')
  return { state: 'compared', version, syncs, writtenBytesPerSecond, bandwidthRatio }
}

const lacks = (version: string, what: string): FioSecondOpinion => ({
  state: 'failed',
  reason: `${version} told nothing of ${what}`,
})

/** Notes of fio may stand before its JSON. */
function jobsOf(stdout: string): readonly FioJob[] {
  try {
    const document: { jobs?: readonly FioJob[] } = JSON.parse(stdout.slice(stdout.indexOf('{')))
    return document.jobs ?? []
  } catch {
    return []
  }
}

const quantileMs = (latency: FioLatency | undefined, percent: number): number =>
  (latency?.percentile?.[`${percent}.000000`] ?? Number.NaN) / 1e6

/** As the gate `sync-drift`: half or twice is another disk, or another pace. */
const RATIO_CREDIBLE_MAX = 2

/** Where fio and we do not agree, in words. */
export function fioWarnings(fio: FioSecondOpinion): readonly string[] {
  if (fio.state !== 'compared') return []
  const isFar = (ratio: number) => ratio > RATIO_CREDIBLE_MAX || ratio < 1 / RATIO_CREDIBLE_MAX
  const syncs = fio.syncs.filter(({ ratio }) => isFar(ratio))
  const { bandwidthRatio } = fio
  return [
    ...syncs.map(
      ({ bytes, ratio }) =>
        `a sync of ${bytes / 1_024} KiB takes ${ratio.toFixed(2)} × as long here as fio says`,
    ),
    ...(isFar(bandwidthRatio)
      ? [`${bandwidthRatio.toFixed(2)} × of what fio writes in a row is written here`]
      : []),
  ]
}
