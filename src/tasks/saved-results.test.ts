import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { saveExperiment } from '../../test/support/saved-results.ts'
import { openDatabase } from '../archive/open-database.ts'
import { renderReport } from '../report/render-report.ts'
import { compare } from './compare.ts'
import { listResults, showExperiment } from './list-results.ts'
import { pruneResults, rebuildResults } from './maintain-results.ts'
import { resultHistory } from './result-history.ts'

let results: string

beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'raftmark-results-'))
})
afterEach(() => rmSync(results, { recursive: true }))

const save = (id: string, p50Ms: (subject: string) => number, seed = 1, rounds = 10) =>
  saveExperiment({
    directory: results,
    id,
    subjects: ['tick/wal', 'event/wal'],
    rounds,
    seed,
    p50Ms,
  })
const asJson = (id: string) => renderReport(showExperiment(results, id), 'json')
const compareWith = (words: readonly string[], failOn: readonly string[] = [], force = false) =>
  compare({ words, results, failOn, force })

test('a planted difference is found, with its size', () => {
  save('e1', (subject) => (subject === 'tick/wal' ? 4 : 3))

  const { metrics } = compareWith(['e1', 'tick/wal', 'event/wal'])
  const p50 = metrics.find(({ metric }) => metric === 'responseMs.p50')

  expect(p50).toMatchObject({ verdict: 'better', rounds: 10, unit: 'ratio' })
  expect(p50?.estimate).toBeCloseTo(0.75, 1)
  expect(p50?.low).toBeLessThan(0.76)
  expect(p50?.high).toBeGreaterThan(0.74)
})

test('a subject held against itself is never better or worse', () => {
  save('e1', () => 4)

  const { metrics } = compareWith(['tick', 'event'])

  const verdicts = metrics.map(({ verdict }) => verdict)
  expect(verdicts.filter((verdict) => verdict === 'better' || verdict === 'worse')).toEqual([])
})

test('thresholds fail on what is surely beyond', () => {
  save('e1', (subject) => (subject === 'tick/wal' ? 3 : 4))

  const { thresholds } = compareWith(['tick', 'event'], ['p50 +5%', 'p50 +60%'])

  expect(thresholds.map(({ outcome }) => outcome)).toEqual(['failed', 'held'])
})

test('an unknown subject is answered with the nearest one', () => {
  save('e1', () => 4)

  expect(() => compareWith(['e1', 'tick/wall', 'event/wal'])).toThrowError(
    expect.objectContaining({ code: 'subject-invalid', nextStep: 'did you mean tick/wal?' }),
  )
})

test('a saved document is a baseline; another harness is refused unless forced', () => {
  save('e1', () => 4)
  save('e2', () => 4)
  const baseline = join(results, 'baseline.json')
  const changed = asJson('e1').replace('"harnessHash": "h"', '"harnessHash": "other"')
  writeFileSync(baseline, changed)

  expect(() => compareWith([baseline, 'e2'])).toThrowError('not comparable: the harness differs')
  expect(compareWith([baseline, 'e2'], [], true)).toMatchObject({
    paired: false,
    forced: ['the harness differs'],
  })
})

test('the report is the same, byte for byte, from a database made anew', () => {
  save('e1', () => 4)
  const before = asJson('e1')

  rmSync(join(results, 'raftmark.db'))
  const rebuilt = rebuildResults(results)

  expect(rebuilt.experiments).toMatchObject([{ id: 'e1', runsDone: 20, runsPlanned: 20 }])
  expect(asJson('e1')).toBe(before)
})

test('a round with foreign noise is dropped for every subject, and said', () => {
  save('e1', () => 4)
  const file = join(results, 'runs', 'e1.003', 'run.json')
  const run = JSON.parse(readFileSync(file, 'utf8'))
  run.rankable = false
  run.gates = [{ name: 'foreign-load', held: false, value: 0.25, limit: 0.1, unit: 'ratio' }]
  writeFileSync(file, JSON.stringify(run))

  const { droppedRounds, results: cells, comparisons, conclusions } = showExperiment(results, 'e1')

  const reason = 'foreign-load 0.25 of 0.1 ratio'
  expect(droppedRounds).toEqual([{ workload: 'steady', round: 2, run: 'e1.003', reason }])
  expect(cells.map(({ runs }) => runs.length)).toEqual([9, 9])
  expect(cells[1]?.leftOut).toEqual([
    { run: 'e1.004', reason: `round 2 was noisy: ${reason} in e1.003` },
  ])
  expect(comparisons[0]).toMatchObject({ rounds: 9, roundsDropped: 1 })
  expect(conclusions.join()).toContain(`dropped whole for foreign noise: round 2 (${reason})`)
})

test('a damaged run is named, and everything else is still there', () => {
  save('e1', () => 4)
  save('e2', () => 4)
  writeFileSync(join(results, 'runs', 'e1.003', 'run.json'), '{"schema":')

  const list = listResults(results)

  expect(list.damaged).toMatchObject([{ id: 'e1.003' }])
  expect(list.experiments).toMatchObject([
    { id: 'e1', runsDone: 19 },
    { id: 'e2', runsDone: 20 },
  ])
  expect(showExperiment(results, 'e1').interrupted).toBe('1 of 20 runs are missing')
})

test('a folder that vanished is forgotten', () => {
  save('e1', () => 4)
  listResults(results)
  rmSync(join(results, 'runs', 'e1.001'), { recursive: true })

  expect(listResults(results).experiments).toMatchObject([{ id: 'e1', runsDone: 19 }])
})

test('a database of a newer version is refused with the way out', () => {
  save('e1', () => 4)
  listResults(results)
  const database = openDatabase(join(results, 'raftmark.db'))
  database.pragma('user_version = 99')
  database.close()

  expect(() => listResults(results)).toThrowError(
    expect.objectContaining({
      code: 'result-damaged',
      nextStep: expect.stringContaining('results rebuild'),
    }),
  )
  expect(rebuildResults(results).experiments).toHaveLength(1)
})

test('what is no database at all is refused with the way out', () => {
  save('e1', () => 4)
  writeFileSync(join(results, 'raftmark.db'), 'not a database, not even a small one '.repeat(40))

  expect(() => listResults(results)).toThrowError('cannot be used')
})

test('pruning keeps the newest experiments, and says beforehand what would go', () => {
  for (const id of ['e1', 'e2', 'e3']) save(id, () => 4)

  expect(pruneResults(results, 1, true)).toMatchObject({ experiments: ['e1', 'e2'], runs: 40 })
  expect(listResults(results).experiments).toHaveLength(3)
  pruneResults(results, 1, false)
  expect(listResults(results).experiments).toMatchObject([{ id: 'e3', runsDone: 20 }])
})

test('a history shows where the level changed', () => {
  for (let at = 10; at < 30; at += 1) save(`e${at}`, () => (at < 20 ? 4 : 6), at, 3)

  const history = resultHistory({
    results,
    subject: 'event/wal',
    workload: 'steady',
    metric: 'responseMs.p50',
  })

  expect(history.points).toHaveLength(20)
  expect(history.changes).toMatchObject([{ experiment: 'e20', harnessChanged: false }])
  expect(history.changes[0]?.ratio).toBeCloseTo(1.5, 1)
})

test('figures of a run are those of its raw files', () => {
  save('e1', () => 4)

  const { results: cells } = showExperiment(results, 'e1')

  const [cell] = cells
  const saved = JSON.parse(readFileSync(join(results, 'runs', 'e1.001', 'run.json'), 'utf8'))
  const run = cell?.perRun.find((one) => one.run === 'e1.001')
  expect(run?.responseMs.p50).toBe(saved.figures.responseMs.p50)
  expect(cell?.requests).toBe(20_000)
})
