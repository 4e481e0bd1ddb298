import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HistogramLogWriter } from 'hdr-histogram-js'
import { emptyHistogram } from '../../src/archive/read-histogram.ts'
import { type Prng, prngFromSeed } from '../../src/base/prng.ts'
import type { ExperimentPlan, PlannedRun } from '../../src/judgement/history/experiment-record.ts'
import type { LatencySeries } from '../../src/judgement/history/latency-series.ts'
import type { RunRecord } from '../../src/judgement/history/run-record.ts'

export type SavedExperiment = {
  readonly directory: string
  readonly id: string
  readonly subjects: readonly string[]
  readonly rounds: number
  readonly seed: number
  /** Median response time of a subject, in milliseconds; every run adds up to 2 % of noise. */
  readonly p50Ms: (subject: string) => number
  readonly requests?: number
  /** Operations due in the second tenth of each run wait for its end, up to so long. */
  readonly stallMs?: number
}

/** Writes the folders of an experiment with one workload, as a run would have left them. */
export function saveExperiment(options: SavedExperiment): ExperimentPlan {
  const { directory, id, subjects, rounds, seed } = options
  const prng = prngFromSeed(seed)
  const runs: PlannedRun[] = []
  for (let round = 1; round <= rounds; round += 1) {
    const drift = 1 + 0.2 * prng.ratio()
    for (const subject of subjects) {
      const number = String(runs.length + 1).padStart(3, '0')
      const run = { id: `${id}.${number}`, round, workload: 'steady', subject, seed }
      runs.push({ ...run, cluster: number })
      saveRun(options, run, options.p50Ms(subject) * drift * (1 + 0.02 * prng.ratio()), prng)
    }
  }
  const plan: ExperimentPlan = {
    schema: 'raftmark/plan/1',
    id,
    name: 'steady',
    question: 'What would be measured?',
    startedAt: '2026-11-22T12:00:00.000Z',
    command: 'raftmark run steady',
    effort: 'own',
    seed,
    nodes: 3,
    placement: 'process',
    harnessHash: 'h',
    request: { names: ['steady'], subjects, rounds, durability: null, cpus: [], adapters: [] },
    subjects,
    workloads: [
      { name: 'steady', file: 'steady', variant: null, question: 'What?', caveat: null, rounds },
    ],
    runs,
  }
  write(join(directory, 'experiments', id), 'experiment.json', JSON.stringify(plan, undefined, 2))
  return plan
}

function saveRun(
  { directory, id, requests = 2_000, stallMs = 0 }: SavedExperiment,
  run: Omit<PlannedRun, 'cluster'>,
  p50Ms: number,
  prng: Prng,
): void {
  const folder = join(directory, 'runs', run.id)
  const lines: string[] = []
  const histogram = emptyHistogram()
  for (let request = 0; request < requests; request += 1) {
    histogram.recordValue(Math.round(p50Ms * 1_000 * (0.5 + prng.ratio())))
  }
  const writer = new HistogramLogWriter((text) => lines.push(text))
  writer.outputLogFormatVersion()
  writer.outputIntervalHistogram(histogram, 0, 1)
  write(folder, 'histogram.hlog', lines.join(''))
  write(folder, 'series.json', JSON.stringify(seriesOf(p50Ms, stallMs)))
  const at = (ratio: number) => histogram.getValueAtPercentile(100 * ratio) / 1_000
  const responseMs = {
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: undefined,
    max: histogram.maxValue / 1_000,
    count: requests,
  }
  const record: RunRecord = {
    schema: 'raftmark/run/1',
    id: run.id,
    experiment: id,
    round: run.round,
    workload: run.workload,
    subject: run.subject,
    resolvedWorkload: {},
    claimedDurability: 'D2',
    placement: 'process',
    nodes: 3,
    seed: run.seed,
    startedAt: '2026-11-22T12:00:00.000Z',
    durationMs: 1_000,
    verdict: 'valid',
    checks: [{ check: 'consumed-records', verdict: 'valid', explanation: 'all' }],
    rankable: true,
    gates: [{ name: 'elections', held: true, value: 0, limit: 0, unit: 'count' }],
    figures: {
      requests,
      failures: {},
      offeredPerSecond: 400,
      achievedPerSecond: 400,
      responseMs,
      serviceMs: responseMs,
      sendLagMs: responseMs,
      fetchLagMs: undefined,
      cpuMicrosPerRecord: { leader: 100 * p50Ms, followers: 200, generator: 50 },
      syncsPerAck: 1,
      bytesWrittenPerAck: 100,
      rssBytesMax: 1e8,
      gcPauseMsTotal: 1,
      gcPauseMsMax: 1,
      elections: 0,
      requestsPerFrame: 1,
    },
    versions: { raftmark: '0.1.0' },
    harnessHash: 'h',
    machine: { cpuModel: 'x', cores: 2, memoryBytes: 1, architecture: 'x64' },
    calibration: {},
  }
  write(folder, 'run.json', JSON.stringify(record, undefined, 2))
}

const SLOTS = 50

function seriesOf(p50Ms: number, stallMs: number): LatencySeries {
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot)
  const slotMs = 100
  const stalled = SLOTS / 10
  return {
    schema: 'raftmark/series/1',
    slotMs,
    requests: slots.map(() => 40),
    unacknowledged: slots.map(() => 0),
    p50Ms: slots.map(() => p50Ms),
    p99Ms: slots.map(() => null),
    maxMs: slots.map((slot) =>
      slot < stalled ? p50Ms * 2 : Math.max(p50Ms * 2, stallMs - (slot - stalled) * slotMs),
    ),
  }
}

function write(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), text)
}
