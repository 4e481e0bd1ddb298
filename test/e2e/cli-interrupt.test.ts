import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExperimentDocument } from '../../src/judgement/history/experiment-record.ts'
import { bin, runCli, temporaryFolder } from '../support/run-cli.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

const workload = join(folder.path, 'small.yaml')
const lines = [
  'name: small',
  'question: Does an experiment go on where it stopped?',
  'store: memory',
  'durability: D0',
  'arrival: { kind: constant, ratePerSecond: 100 }',
  'partitions: 1',
  'producers: 1',
  'consumers: 1',
  'payloadBytes: 10',
  'timeoutMs: 2000',
  'warmUpInFlight: 4',
  'warmUpSecondsMax: 1',
  'measureSeconds: 1',
  '',
]

type Stopped = { readonly exitCode: number | null; readonly stdout: string; readonly pid: number }

/** Presses Ctrl-C once the first run is done and the second one has begun. */
function runAndInterrupt(): Promise<Stopped> {
  const args = ['run', workload, '--subject', 'event/memory', '--rounds', '3', '--json']
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder.path, stdio: 'pipe' })
  let stdout = ''
  let isPressed = false
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    if (isPressed || !String(text).includes('1 · round 1')) return
    isPressed = true
    child.kill('SIGINT')
  })
  return new Promise((resolve) => {
    child.on('close', (exitCode) => resolve({ exitCode, stdout, pid: child.pid ?? 0 }))
  })
}

let stopped: Stopped
let document: ExperimentDocument

beforeAll(async () => {
  writeFileSync(workload, lines.join('\n'))
  stopped = await runAndInterrupt()
  document = JSON.parse(stopped.stdout)
}, 60_000)

test('Ctrl-C keeps what was measured and says so', () => {
  expect(stopped.exitCode).toBe(130)
  expect(document.runsDone).toBeGreaterThanOrEqual(1)
  expect(document.runsDone).toBeLessThan(3)
  expect(document.interrupted).toBeDefined()
})

test('no process of it is left, and no data of a node', () => {
  const runs = join(folder.path, 'results', 'runs')
  const left = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandOf(pid).includes(folder.path))

  expect(left).toEqual([])
  for (const run of readdirSync(runs)) expect(readdirSync(join(runs, run))).not.toContain('data')
})

test('--resume runs what is missing and nothing else', async () => {
  const kept = document.results.flatMap(({ runs, leftOut }) => [
    ...runs,
    ...leftOut.map(({ run }) => run),
  ])

  const resumed = await runCli(['run', '--resume', document.id, '--json'], folder.path)
  const whole: ExperimentDocument = JSON.parse(resumed.stdout)

  expect(resumed.exitCode).toBe(0)
  expect(whole).toMatchObject({ id: document.id, runsDone: 3, runsPlanned: 3 })
  expect(whole.interrupted).toBeUndefined()
  expect(whole.results.flatMap(({ perRun }) => perRun.map(({ run }) => run))).toEqual(
    expect.arrayContaining(kept),
  )
})

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // It ended between the listing and the reading.
  }
}
