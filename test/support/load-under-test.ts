import type { Clock } from '../../src/base/clock.ts'
import { crc32c } from '../../src/base/crc32c.ts'
import { type LoadResult, LoadRun } from '../../src/experiment/load/load-run.ts'
import type { FromGenerator, LoadPlan } from '../../src/experiment/load/plan.ts'
import type { Workload } from '../../src/experiment/workload/workload.ts'
import { FakeLog, type FakeLogOptions } from './fake-log.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'

const MS = 1_000_000

export const plainWorkload: Workload = {
  name: 'plain',
  question: 'What does the generator do?',
  placement: 'process',
  durability: 'D2',
  syncDelayMs: 0,
  roundTripMs: 0,
  cpus: 'shared',
  arrival: { kind: 'constant', ratePerSecond: 100 },
  partitions: 1,
  producers: 1,
  consumers: 1,
  consumerPauseSeconds: 0,
  replayingConsumers: 0,
  keys: 'round-robin',
  payloadBytes: 20,
  payloadSizes: 'fixed',
  compressibleRatio: 0,
  keyCount: 1000,
  recordsPerBatch: 1,
  acks: 'quorum',
  timeoutMs: 1000,
  fetch: { bytesMax: 100_000, waitMsMax: 100, consistency: 'committed' },
  warmUpInFlight: 1,
  warmUpSecondsMax: 1,
  rehearsalSeconds: 0,
  measureSeconds: 2,
  drainSecondsMax: 3,
  history: false,
}

export type LoadUnderTest = {
  readonly clock: ManualClock
  readonly log: FakeLog
  readonly run: LoadRun
  readonly messages: readonly FromGenerator[]
  /** What history.ndjson holds so far, for workloads that want one. */
  readonly history: () => string
  /** Moves time on until the run reports; fails when it does not within 60 s. */
  finish(): LoadResult
}

/** A run on a virtual clock against a log in memory; three nodes, the first one leads. */
export function startLoad(
  workload: Partial<Workload>,
  log: Omit<FakeLogOptions, 'clock'> = {},
  clockOf: (clock: ManualClock) => Clock = (clock) => clock,
): LoadUnderTest {
  const clock = createManualClock()
  const fake = new FakeLog({ delayNs: 2 * MS, ...log, clock })
  const messages: FromGenerator[] = []
  const history: string[] = []
  const resolved = { ...plainWorkload, ...workload }
  let result: LoadResult | undefined
  const run = new LoadRun(
    planFor(resolved),
    {
      clock: clockOf(clock),
      clockStartMs: 1_700_000_000_000,
      crc32c,
      connect: (node) => fake.client(node),
      ...(resolved.history ? { writeHistory: (text) => history.push(text) } : {}),
      tell: (message) => messages.push(message),
    },
    (finished) => {
      result = finished
    },
  )
  run.start()
  return {
    clock,
    log: fake,
    run,
    messages,
    history: () => history.join(''),
    finish() {
      for (let second = 1; result === undefined && second <= 60; second += 1) {
        clock.advanceTo(clock.nowNs() + 1000 * MS)
      }
      if (result === undefined) throw new Error('no report within a minute')
      return result
    },
  }
}

/** Of a workload that nobody carries. */
export const plainPlan: LoadPlan = planFor(plainWorkload)

function planFor(workload: Workload): LoadPlan {
  return {
    runId: 'test',
    seed: 1,
    workload,
    nodes: [1, 2, 3].map((node) => ({ node, address: `127.0.0.1:${node}` })),
    firstLeader: 1,
    groups: Array.from({ length: workload.partitions }, (_, at) => at + 10),
    files: { histogram: '', series: '' },
  }
}
