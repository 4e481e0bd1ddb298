import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/os/clock.ts'
import { rebuildResults } from '../src/tasks/maintain-results.ts'
import { saveExperiment } from '../test/support/saved-results.ts'

/**
 * How long somebody waits for what was saved: the built command line over 10,000 runs, start of the
 * process included, and the report of one experiment with 1,000 runs. Medians of repetitions.
 */
const EXPERIMENTS = 90
const ROUNDS = 50
const BIG_ROUNDS = 500
const REPETITIONS = 7
const LIST_MS_MAX = 300
const REPORT_MS_MAX = 2_000

const bin = join(import.meta.dirname, '..', 'bin', 'run.js')
const directory = mkdtempSync(join(tmpdir(), 'raftmark-bench-archive-'))
try {
  const subjects = ['tick/wal', 'event/wal']
  const shape = { directory, subjects, requests: 1_000, p50Ms: () => 4 }
  for (let at = 0; at < EXPERIMENTS; at += 1) {
    saveExperiment({ ...shape, id: `e${String(at).padStart(3, '0')}`, rounds: ROUNDS, seed: at })
  }
  saveExperiment({ ...shape, id: 'e999', rounds: BIG_ROUNDS, seed: 999 })
  const rebuildMs = timed(() => rebuildResults(directory))
  const listMs = medianOfRuns(['results', 'list'])
  const compareMs = medianOfRuns(['compare', 'e000', 'tick/wal', 'event/wal'])
  const reportMs = medianOfRuns(['report', 'e999', '--format', 'json'])
  const claims = [
    claimOf('results list over 10,000 runs (ms)', listMs, LIST_MS_MAX),
    claimOf('compare over 10,000 runs (ms)', compareMs, LIST_MS_MAX),
    claimOf('report of an experiment with 1,000 runs (ms)', reportMs, REPORT_MS_MAX),
  ]
  const figures = { runs: EXPERIMENTS * ROUNDS * 2 + BIG_ROUNDS * 2, rebuildMs }
  console.log(JSON.stringify({ bench: 'archive', figures, claims }))
  process.exitCode = claims.every(({ held }) => held) ? 0 : 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}

function claimOf(claim: string, value: number, limit: number) {
  return { claim, value, limit, held: value <= limit }
}

function medianOfRuns(args: readonly string[]): number {
  const times = Array.from({ length: REPETITIONS }, () => timed(() => run(args)))
  return times.sort((one, other) => one - other)[REPETITIONS >> 1] as number
}

function run(args: readonly string[]): void {
  const all = [bin, ...args, '--results', directory]
  const { status } = spawnSync(process.execPath, all, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`raftmark ${args.join(' ')} ended with ${status}`)
}

function timed(task: () => void): number {
  const startNs = systemClock.nowNs()
  task()
  return (systemClock.nowNs() - startNs) / 1e6
}
