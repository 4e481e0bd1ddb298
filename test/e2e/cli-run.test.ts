import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExperimentDocument } from '../../src/judgement/history/experiment-record.ts'
import { type CliResult, runCli, temporaryFolder } from '../support/run-cli.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

const root = join(import.meta.dirname, '..', '..')
const schemaNamed = (name: string) => {
  const text = readFileSync(join(root, `docs/schemas/${name}.schema.json`), 'utf8')
  return new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(text))
}
const validate = schemaNamed('experiment')

const tiny = join(folder.path, 'tiny.yaml')
const lines = [
  'name: tiny',
  'question: Does a run come through from end to end?',
  'store: memory',
  'durability: D0',
  'arrival: { kind: constant, ratePerSecond: 200 }',
  'partitions: 2',
  'producers: 2',
  'consumers: 1',
  'payloadBytes: 32',
  'timeoutMs: 2000',
  'warmUpInFlight: 8',
  'warmUpSecondsMax: 1',
  'measureSeconds: 1',
  '',
]

let result: CliResult
let document: ExperimentDocument

beforeAll(async () => {
  writeFileSync(tiny, lines.join('\n'))
  const subjects = ['--subject', 'tick/memory', '--subject', 'event/memory']
  const args = ['run', tiny, ...subjects, '--rounds', '2', '--seed', '7', '--json']
  result = await runCli(args, folder.path)
  document = JSON.parse(result.stdout)
}, 120_000)

test('the document keeps its schema', () => {
  validate(document)

  expect(validate.errors ?? []).toEqual([])
})

test('every record was read back, so the verdict is valid and the exit code 0', () => {
  expect(result.stderr).not.toMatch(/Error/)
  expect(document.verdict).toBe('valid')
  expect(result.exitCode).toBe(0)
})

test('each workload × subject has one result with its figures', () => {
  const names = document.results.map(({ workload, subject }) => `${workload} ${subject}`)
  expect(names.sort()).toEqual(['tiny event/memory', 'tiny tick/memory'])
  for (const { requests, runs, responseMs, cpuMicrosPerRecord } of document.results) {
    expect(requests).toBe(200 * runs.length)
    expect(responseMs.p50).toBeGreaterThan(0)
    expect(responseMs.max).toBeGreaterThanOrEqual(responseMs.p50 ?? Number.POSITIVE_INFINITY)
    expect(cpuMicrosPerRecord.leader).toBeGreaterThan(0)
  }
})

test('two rounds decide nothing', () => {
  expect(document.comparisons.length).toBeGreaterThan(0)
  expect(new Set(document.comparisons.map(({ verdict }) => verdict))).toEqual(
    new Set(['undecided']),
  )
})

test('each run has its folder, without the data of its nodes', () => {
  const runs = join(folder.path, 'results', 'runs')
  for (const run of document.results.flatMap((one) => one.runs)) {
    expect(existsSync(join(runs, run, 'run.json'))).toBe(true)
    expect(existsSync(join(runs, run, 'histogram.hlog'))).toBe(true)
    expect(existsSync(join(runs, run, 'nodes', '1', 'config.json'))).toBe(true)
    expect(existsSync(join(runs, run, 'data'))).toBe(false)
  }
})

test('a saved experiment is the same document again', async () => {
  const shown = await runCli(['results', 'show', document.id, '--json'], folder.path)

  expect(JSON.parse(shown.stdout)).toEqual(document)
})

test('the report fits 80 columns and has no colour', async () => {
  const shown = await runCli(['results', 'show', 'last'], folder.path)

  expect(shown.stdout).toContain('What can and what cannot be concluded')
  expect(shown.stdout).not.toContain('\u001b')
  const tableLines = shown.stdout.split('\n').filter((line) => /^[│┌├└]/.test(line))
  expect(tableLines.filter((line) => line.length > 80)).toEqual([])
})

test('--plan says what would run and starts nothing', async () => {
  const args = ['run', tiny, '--rounds', '2', '--seed', '7', '--plan', '--results', 'elsewhere']
  const planned = await runCli(args, folder.path)

  expect(planned.stdout).toContain('4 runs')
  expect(existsSync(join(folder.path, 'elsewhere'))).toBe(false)
  expect(planned.exitCode).toBe(0)
})

test('compare answers in its own document, and undecided is no failure', async () => {
  const words = ['compare', document.id, 'tick', 'event', '--fail-on', 'p50 +5%', '--json']
  const compared = await runCli(words, folder.path)

  const comparison = JSON.parse(compared.stdout)
  expect(comparison).toSatisfy(schemaNamed('comparison'))
  expect(comparison).toMatchObject({
    schema: 'raftmark/comparison/1',
    a: 'tick',
    b: 'event',
    thresholds: [{ workload: 'tiny', metric: 'responseMs.p50', outcome: 'undecided' }],
  })
  expect(comparison.metrics[0]).toMatchObject({ unit: 'ratio', rounds: expect.any(Number) })
  expect(compared.exitCode).toBe(0)
})

test.each([
  ['terminal', 'What can and what cannot be concluded'],
  ['markdown', '## Circumstances'],
  ['csv', 'workload,subject,rankable'],
  ['json', '"schema": "raftmark/experiment/1"'],
])('report --format %s is printed whole', async (format, text) => {
  const report = await runCli(['report', 'last', '--format', format], folder.path)

  expect(report.stdout).toContain(text)
  expect(report.exitCode).toBe(0)
})

test('a report from a database made anew is the same, byte for byte', async () => {
  const args = ['report', document.id, '--format', 'json']
  const before = await runCli(args, folder.path)

  rmSync(join(folder.path, 'results', 'raftmark.db'))
  await runCli(['results', 'rebuild'], folder.path)

  expect((await runCli(args, folder.path)).stdout).toBe(before.stdout)
})

test('runs are exported as rows and as histogram logs', async () => {
  const csv = await runCli(['results', 'export', 'last'], folder.path)
  const hlog = await runCli(['results', 'export', 'last', '--format', 'hlog'], folder.path)

  expect(csv.stdout.trim().split('\r\n')).toHaveLength(1 + document.runsDone)
  expect(hlog.stdout).toContain('Histogram log format version')
})

test('the figures of a run are what its raw files give', async () => {
  const [run = ''] = document.results.flatMap(({ runs }) => runs)

  const shown = await runCli(['results', 'show', run, '--figures', '--json'], folder.path)

  const figures = JSON.parse(shown.stdout)
  expect(figures).toMatchObject({ schema: 'raftmark/figures/1', run, different: [] })
  expect(figures.recomputed.cpuMicrosPerRecord.leader).toBeGreaterThan(0)
})

test('several command lines at once make one index, and say the same', async () => {
  rmSync(join(folder.path, 'results', 'raftmark.db'))

  const lists = await Promise.all(
    [1, 2, 3, 4].map(() => runCli(['results', 'list', '--json'], folder.path)),
  )

  expect(lists.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
  expect(new Set(lists.map(({ stdout }) => stdout)).size).toBe(1)
})
