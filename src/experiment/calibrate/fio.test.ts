import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { askFio, fioWarnings } from './fio.ts'

const own = {
  syncs: [{ bytes: 4_096, syncMs: { p50: 0.6, p99: 2, count: 100 } }],
  writtenBytesPerSecond: 300e6,
}
const limits = { bytesMaxPerSync: 1_048_576, bytesMax: 4_194_304 }

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'raftmark-fio-'))
  mkdirSync(join(root, 'results'))
  onTestFinished(() => rmSync(root, { recursive: true }))
})
afterEach(() => vi.unstubAllEnvs())

const ask = () => askFio(join(root, 'results'), own, limits)

/** A program called fio, alone on the path: it leaves a file behind, as the real one does. */
function plantFio(script: string): void {
  const version = 'case "$1" in --version) echo fio-3.36; exit;; esac'
  const path = join(root, 'fio')
  writeFileSync(path, `#!/bin/sh\n${version}\n: > sync-4096.0.0\n${script}\n`)
  chmodSync(path, 0o755)
  vi.stubEnv('PATH', `${root}:/usr/bin:/bin`)
}

const says = (jobs: readonly object[]): string =>
  `echo 'note: both iodepth >= 1'\necho '${JSON.stringify({ jobs })}'`
const percentile = (p50: number, p99: number) => ({ '50.000000': p50, '99.000000': p99 })
const syncJob = {
  jobname: 'sync-4096',
  write: { clat_ns: { N: 500, percentile: percentile(50_000, 90_000) } },
  sync: { lat_ns: { N: 499, percentile: percentile(150_000, 700_000) } },
}
const bandwidthJob = { jobname: 'bandwidth', write: { bw_bytes: 400e6 } }

test('our figures are set against those of fio, and nothing of it stays', async () => {
  plantFio(says([syncJob, bandwidthJob]))

  const fio = await ask()

  expect(fio).toEqual({
    state: 'compared',
    version: 'fio-3.36',
    syncs: [
      {
        bytes: 4_096,
        fdatasyncMs: { p50: 0.15, p99: 0.7, count: 499 },
        writeMsP50: 0.05,
        ratio: expect.closeTo(3),
      },
    ],
    writtenBytesPerSecond: 400e6,
    bandwidthRatio: 0.75,
  })
  expect(fioWarnings(fio)).toEqual(['a sync of 4 KiB takes 3.00 × as long here as fio says'])
  expect(readdirSync(join(root, 'results'))).toEqual([])
})

test('fio is asked for the same sizes, in one process, for a bounded time', async () => {
  plantFio(`echo "$@" > ${join(root, 'asked')}; exit 1`)

  await ask()

  const asked = readFileSync(join(root, 'asked'), 'utf8')
  expect(asked).toContain('--name=sync-4096 --stonewall --fdatasync=1 --bs=4096 --size=1048576')
  expect(asked).toContain('--name=bandwidth --stonewall --end_fsync=1 --bs=1048576 --size=4194304')
  expect(asked).toMatch(/--thread .*--runtime=500ms/)
})

test('a machine without fio is told what would be compared', async () => {
  vi.stubEnv('PATH', root)

  const fio = await ask()

  expect(fio).toMatchObject({ state: 'not-installed' })
  expect(fioWarnings(fio)).toEqual([])
})

test.each([
  ['that fails', 'echo "fio: engine psync not loadable" >&2; exit 1', /engine psync/],
  ['that says nothing of a sync', says([bandwidthJob]), /fio-3\.36 .* the sync of 4096 bytes/],
  ['that says nothing of the bandwidth', says([syncJob]), /fio-3\.36 .* the bandwidth/],
  ['whose words are not JSON', 'echo "{"', /the sync of 4096 bytes/],
])('a fio %s is no second opinion', async (_, script, reason) => {
  plantFio(script)

  expect(await ask()).toEqual({ state: 'failed', reason: expect.stringMatching(reason) })
  expect(readdirSync(join(root, 'results'))).toEqual([])
})
