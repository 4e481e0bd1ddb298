import type {
  FetchResult,
  LogClient,
  ProduceRequest,
  ProduceResult,
} from '../src/contract/log-client.ts'
import { type LogIndex, NodeId, Offset, type Term } from '../src/contract/types.ts'
import { LatencyRecorder } from '../src/experiment/load/latency-recorder.ts'
import { LoadRun } from '../src/experiment/load/load-run.ts'
import type { LoadReport } from '../src/experiment/load/plan.ts'
import type { Arrival, Workload } from '../src/experiment/workload/workload.ts'
import { systemClock } from '../src/os/clock.ts'
import { crc32c } from '../src/os/crc32c.ts'

/**
 * The generator alone, against a log in its own process that acknowledges at once: its ceiling in a
 * closed loop of 256, its send lag in an open loop at half of that, and what recording costs.
 */
const IN_FLIGHT = 256
const RECORDINGS = 5_000_000

const ceiling = await carry({ kind: 'closed', inFlight: IN_FLIGHT })
const opNs = 1e9 / ceiling.achievedPerSecond
const half = await carry({ kind: 'constant', ratePerSecond: ceiling.achievedPerSecond / 2 })
const recordNs = measureRecording()

const sendLagMsP99 = half.latency.sendLagMs.p99 ?? Number.POSITIVE_INFINITY
const achievedRatio = half.achievedPerSecond / (half.offeredPerSecond ?? 1)
const figures = {
  ceilingPerSecond: Math.round(ceiling.achievedPerSecond),
  halfPerSecond: Math.round(half.achievedPerSecond),
  achievedRatio,
  sendLagMsP50: half.latency.sendLagMs.p50,
  sendLagMsP99,
  operationNs: opNs,
  recordNs,
}
const claims = [
  { claim: 'send lag p99 at half the ceiling (ms)', value: sendLagMsP99, limit: 1 },
  { claim: 'recording, as a share of an operation', value: recordNs / opNs, limit: 0.05 },
  { claim: 'offered but not achieved at half (ratio)', value: 1 - achievedRatio, limit: 0.01 },
].map((claim) => ({ ...claim, held: claim.value <= claim.limit }))
console.log(JSON.stringify({ bench: 'generator', figures, claims }))
process.exitCode = claims.every(({ held }) => held) ? 0 : 1

function carry(arrival: Arrival): Promise<LoadReport> {
  return new Promise((resolve) => {
    const workload = workloadOf(arrival)
    const run = new LoadRun(
      {
        ...{ runId: 'bench', seed: 1, workload, firstLeader: 1, groups: [0] },
        nodes: [{ node: 1, address: '' }],
        files: { histogram: '', series: '' },
      },
      {
        clock: systemClock,
        ...{ clockStartMs: 0, crc32c, connect: instantClient },
        tell: () => undefined,
      },
      ({ report }) => resolve(report),
    )
    run.start()
  })
}

function workloadOf(arrival: Arrival): Workload {
  return {
    ...{ name: 'bench', question: 'How fast is the generator itself?', placement: 'in-process' },
    ...{
      durability: 'D0',
      syncDelayMs: 0,
      roundTripMs: 0,
      cpus: 'shared',
      arrival,
      partitions: 1,
      producers: 4,
      consumers: 0,
    },
    ...{ consumerPauseSeconds: 0, replayingConsumers: 0 },
    ...{ keys: 'none', keyCount: 1, payloadSizes: 'fixed', compressibleRatio: 0 },
    ...{ payloadBytes: 100, recordsPerBatch: 1, acks: 'quorum', timeoutMs: 1000 },
    fetch: { bytesMax: 1, waitMsMax: 0, consistency: 'committed' },
    ...{ warmUpInFlight: IN_FLIGHT, warmUpSecondsMax: 2, measureSeconds: 4, drainSecondsMax: 2 },
    rehearsalSeconds: 0,
    history: false,
  }
}

/** Acknowledges all that came in one burst together, as a frame does. */
function instantClient(): LogClient {
  let offset = 0
  let waiting: ((result: ProduceResult) => void)[] = []
  const answer = (): void => {
    const answered = waiting
    waiting = []
    for (const done of answered) {
      done({
        code: 'OK',
        baseOffset: Offset(offset),
        term: 1 as Term,
        index: (offset + 1) as LogIndex,
        leader: NodeId(1),
      })
      offset += 1
    }
  }
  return {
    produce(_request: ProduceRequest, done) {
      // Not in a microtask: the event loop must come to its timers, as it does between frames.
      if (waiting.length === 0) setImmediate(answer)
      waiting.push(done)
    },
    fetch: (_request, _done: (result: FetchResult) => void) => undefined,
    close: () => undefined,
  }
}

/** Of one operation, intervals included: one is ended for each 100,000. */
function measureRecording(): number {
  const recorder = new LatencyRecorder(1)
  const started = systemClock.nowNs()
  for (let at = 0; at < RECORDINGS; at += 1) {
    const intendedNs = at * 10_000
    recorder.acknowledged({
      intendedNs,
      firstSentNs: intendedNs + (at % 1000) * 1000,
      lastSentNs: intendedNs + (at % 1000) * 1000,
      doneNs: intendedNs + (at % 50_000) * 1000,
    })
    if (at % 100_000 === 0) recorder.rotate(at)
  }
  return (systemClock.nowNs() - started) / RECORDINGS
}
