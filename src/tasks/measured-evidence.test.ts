import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Archive, openArchiveToWrite } from '../archive/archive.ts'
import type { ExperimentPlan } from '../judgement/history/experiment-record.ts'
import type { PowerCutRecord } from '../judgement/history/power-cut-record.ts'
import type { RunRecord, Verdict } from '../judgement/history/run-record.ts'
import { renderMeasuredScorecards } from '../report/scorecard-terminal.ts'
import { measuredEvidence } from './measured-evidence.ts'
import { measuredScorecards } from './measured-scorecards.ts'
import { withResults } from './open-results.ts'
import { summarizeExperiment } from './summarize-experiment.ts'

test('figures come with the experiment and with the interval between its runs', async () => {
  const { archive, directory } = await emptyArchive()
  await saveExperiment(
    archive,
    'one',
    [50, 51, 52, 53, 54, 55].map((cpu) => run({ cpu })),
  )

  const rows = measuredEvidence('event', directory)

  const cpu = rows.find(({ claim }) => claim === 'measured.cpuMicrosPerRecord')
  // Leader and followers cost the same here; the median of six is 2 · 52.5.
  expect(cpu).toMatchObject({ value: 105, kind: 'measured', interval: { low: 100, high: 110 } })
  expect(cpu?.source).toBe('experiment one, steady, event/wal')
  expect(rows.find(({ claim }) => claim === 'measured.verdict')?.value).toBe('valid')
})

test('capacity is a share of the harness’s ceiling in the same experiment', async () => {
  const { archive, directory } = await emptyArchive()
  const closed = { workload: 'capacity', offered: undefined } as const
  await saveExperiment(archive, 'one', [
    run({ ...closed, achieved: 20_000 }),
    run({ ...closed, workload: 'null', subject: 'null', achieved: 80_000 }),
  ])

  const rows = measuredEvidence('event', directory)

  expect(rows.find(({ claim }) => claim === 'measured.capacityOfNull')?.value).toBe(0.25)
  expect(rows.find(({ claim }) => claim === 'measured.capacityPerSecond')).toMatchObject({
    value: 20_000,
  })
})

test('a violation does not go away by measuring again', async () => {
  const { archive, directory } = await emptyArchive()
  await saveExperiment(archive, 'one', [run({ verdict: 'invalid' })])
  await saveExperiment(archive, 'two', [run({ verdict: 'valid' })])

  const verdict = measuredEvidence('event', directory).find(
    ({ claim }) => claim === 'measured.verdict',
  )
  expect(verdict).toMatchObject({ value: 'invalid', source: 'experiment one, steady, event/wal' })
})

test('one experiment alone gives a scorecard of its measured parts, and says how few they are', async () => {
  const { archive, directory } = await emptyArchive()
  await saveExperiment(archive, 'one', [run({}), run({ subject: 'null' })])
  const document = withResults(directory, (index) => summarizeExperiment(index.plan('one'), index))

  const cards = await measuredScorecards(document)

  expect(cards.map(({ raft }) => raft)).toEqual(['event'])
  // A tenth of correctness, which weighs 30 %.
  expect(cards[0]).toMatchObject({ total: 8, coverage: 0.03 })
  expect(renderMeasuredScorecards(cards)).toContain('3 %')
})

test('a run that missed a gate gives no figure, and another Raft’s runs give nothing', async () => {
  const { archive, directory } = await emptyArchive()
  await saveExperiment(archive, 'one', [run({ rankable: false })])

  expect(measuredEvidence('event', directory).map(({ claim }) => claim)).toEqual([
    'measured.verdict',
  ])
  expect(measuredEvidence('tick', directory)).toEqual([])
  expect(measuredEvidence('event', join(directory, 'nowhere'))).toEqual([])
})

test('a power cut says what was kept; a loss stays until its record is removed', async () => {
  const { archive, directory } = await emptyArchive()
  const powerCut = () =>
    measuredEvidence('event', directory).map(({ claim, value, source }) => [claim, value, source])

  await archive.savePowerCut(powerCutOf('a', { verdict: 'unknown' }))
  expect(powerCut()).toEqual([])

  await archive.savePowerCut(powerCutOf('b', { verdict: 'valid' }))
  await archive.savePowerCut(powerCutOf('c', { verdict: 'unknown' }))
  expect(powerCut()).toEqual([
    ['measured.powerCut', true, 'power cut b, event/wal'],
    ['measured.faultsSurvived', true, 'power cut b, event/wal'],
  ])

  await archive.savePowerCut(powerCutOf('d', { verdict: 'invalid', lost: 0 }))
  expect(powerCut()).toEqual([
    ['measured.powerCut', true, 'power cut b, event/wal'],
    ['measured.faultsSurvived', false, 'power cut d, event/wal'],
  ])

  await archive.savePowerCut(powerCutOf('e', { verdict: 'invalid', lost: 3 }))
  await archive.savePowerCut(powerCutOf('f', { verdict: 'valid' }))
  expect(powerCut()[0]).toEqual(['measured.powerCut', false, 'power cut e, event/wal'])
  expect(measuredEvidence('tick', directory)).toEqual([])
})

function powerCutOf(id: string, facts: Partial<PowerCutRecord>): PowerCutRecord {
  return {
    schema: 'raftmark/power-cut/1',
    id,
    subject: 'event/wal',
    durability: 'D2',
    method: 'filesystem-shutdown',
    methodDetail: 'by perl',
    nodes: 3,
    seed: 1,
    startedAt: '2026-11-22T10:00:00.000Z',
    durationMs: 1_000,
    ...{ cuts: 5, acked: 100, lost: 0, losingCuts: 0, lossPerCutAtMost: 0.45 },
    inFlight: { min: 1, median: 8, max: 8 },
    scopes: [],
    control: { cuts: 1, acked: 10, lost: 10, losingCuts: 1 },
    checks: [],
    verdict: 'valid',
    reasons: [],
    ...facts,
  }
}

type Facts = {
  readonly subject?: string
  readonly workload?: string
  readonly cpu?: number
  readonly offered?: number | undefined
  readonly achieved?: number
  readonly verdict?: Verdict
  readonly rankable?: boolean
}

async function emptyArchive(): Promise<{ archive: Archive; directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'raftmark-measured-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return { archive: await openArchiveToWrite(directory), directory }
}

const run = (facts: Facts) => (experiment: string, round: number) =>
  recordOf(facts, experiment, round)

async function saveExperiment(
  archive: Archive,
  id: string,
  makers: readonly ReturnType<typeof run>[],
): Promise<void> {
  const runs = makers.map((make, at) => make(id, at + 1))
  const plan: ExperimentPlan = {
    schema: 'raftmark/plan/1',
    id,
    name: 'quick',
    question: '',
    startedAt: '2026-11-22T10:00:00.000Z',
    command: 'raftmark run quick',
    effort: 'own',
    seed: 1,
    nodes: 3,
    placement: 'in-process',
    harnessHash: 'x',
    request: {
      names: ['quick'],
      subjects: [],
      rounds: null,
      durability: null,
      cpus: [],
      adapters: [],
    },
    subjects: [...new Set(runs.map(({ subject }) => subject))],
    workloads: [...new Set(runs.map(({ workload }) => workload))].map((name) => ({
      name,
      file: name,
      variant: null,
      question: '',
      caveat: null,
      rounds: runs.length,
    })),
    runs: runs.map(({ id: run, round, workload, subject, seed }) => ({
      id: run,
      round,
      workload,
      subject,
      seed,
      cluster: run,
    })),
  }
  await archive.savePlan(plan)
  for (const record of runs) {
    archive.makeRunDirectory(record.id)
    await archive.saveRun(record)
  }
}

function recordOf(facts: Facts, experiment: string, round: number): RunRecord {
  const { subject = 'event/wal', workload = 'steady', cpu = 50, achieved = 400 } = facts
  const quantiles = { p50: 1, p90: 2, p99: 3, p999: undefined, max: 4, count: 1_000 }
  return {
    schema: 'raftmark/run/1',
    id: `${experiment}.${round}`,
    experiment,
    round,
    workload,
    subject,
    resolvedWorkload: {},
    claimedDurability: 'D2',
    placement: 'in-process',
    nodes: 3,
    seed: round,
    startedAt: '2026-11-22T10:00:00.000Z',
    durationMs: 1_000,
    verdict: facts.verdict ?? 'valid',
    checks: [],
    rankable: facts.rankable ?? true,
    gates: [],
    figures: {
      requests: 1_000,
      failures: {},
      offeredPerSecond: 'offered' in facts ? facts.offered : 400,
      achievedPerSecond: achieved,
      responseMs: quantiles,
      serviceMs: quantiles,
      sendLagMs: quantiles,
      fetchLagMs: undefined,
      cpuMicrosPerRecord: { leader: cpu, followers: cpu, generator: 10 },
      syncsPerAck: 3,
      bytesWrittenPerAck: 500,
      rssBytesMax: undefined,
      gcPauseMsTotal: undefined,
      gcPauseMsMax: undefined,
      elections: 0,
      requestsPerFrame: 1,
    },
    versions: {},
    harnessHash: 'x',
    machine: null,
    calibration: null,
  }
}
