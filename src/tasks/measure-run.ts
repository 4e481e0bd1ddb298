import type { Cluster } from '../experiment/cluster/cluster.ts'
import type { Generator } from '../experiment/load/generator-process.ts'
import {
  type LoadPhase,
  type LoadReport,
  type LoadSlice,
  SLICE_MS,
} from '../experiment/load/plan.ts'
import type { RunEvent } from '../judgement/history/latency-series.ts'
import type { RunFigures } from '../judgement/history/run-record.ts'
import type { ResourceSample } from '../judgement/history/run-trends.ts'
import { type Cost, figuresOf } from './run-figures.ts'
import { momentNow, type Surroundings, surroundingsOf } from './surroundings.ts'
import { Flatness, Warmth } from './warmth.ts'

export type Measured = {
  readonly report: LoadReport
  readonly figures: RunFigures
  /** Of CPU per request, between the halves of the measured part; see `Flatness`. */
  readonly cpuChange: number | undefined
  /** Of the measured part; undefined when it did not come to its end. */
  readonly surroundings: Surroundings | undefined
  /** Elections in the measured part. */
  readonly events: readonly RunEvent[]
  /** What the figures come from, beside the histograms; `undefined` like `surroundings`. */
  readonly before: Cost | undefined
  readonly after: Cost | undefined
  /** Of the measured part; empty where it is too short for a slope. */
  readonly samples: readonly ResourceSample[]
}

/**
 * Watches one run from warm-up to report: says when the cluster is warm, and reads the counters
 * where the measured part begins and ends. Rejects when a node or the generator fails.
 */
export async function measureRun(options: {
  readonly cluster: Cluster
  readonly generator: Generator
  readonly signal: AbortSignal
  readonly onPhase: (phase: LoadPhase) => void
  /** How often the nodes are looked at in the measured part; absent: at its ends alone. */
  readonly sampleEveryMs?: number
}): Promise<Measured> {
  const { cluster, generator, signal, onPhase, sampleEveryMs } = options
  const stop = () => generator.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const watch = new RunWatch(cluster, generator, onPhase, sampleEveryMs)
    const failure = new Promise<never>((_, reject) => cluster.onFailure(reject))
    await Promise.race([generator.ended, failure])
    return await watch.result()
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

class RunWatch {
  readonly #cluster: Cluster
  readonly #generator: Generator
  readonly #warmth = new Warmth()
  readonly #flatness = new Flatness()
  #lastCpuNs: number
  readonly #sampleEveryMs: number
  readonly #samples: ResourceSample[] = []
  #nextSampleMs = 0
  #before: Promise<Cost> | undefined
  #after: Promise<Cost> | undefined
  #report: LoadReport | undefined
  #elections = 0
  readonly #events: RunEvent[] = []

  constructor(
    cluster: Cluster,
    generator: Generator,
    onPhase: (phase: LoadPhase) => void,
    sampleEveryMs = Number.POSITIVE_INFINITY,
  ) {
    this.#sampleEveryMs = sampleEveryMs
    this.#cluster = cluster
    this.#generator = generator
    this.#lastCpuNs = cluster.cpuNs()
    generator.onMessage((message) => {
      switch (message.kind) {
        case 'phase':
          onPhase(message.phase)
          this.#enter(message.phase)
          return
        case 'slice':
          this.#watchCpu(message.slice)
          if (message.slice.phase !== 'measure') return
          this.#sample(message.slice)
          this.#watchElections(message.slice)
          return
        case 'report':
          this.#report = message.report
          return
        case 'failed':
      }
    })
  }

  async result(): Promise<Measured> {
    const report = this.#report
    const [before, after] = await Promise.all([this.#before, this.#after])
    if (report === undefined) throw new Error('the generator ended without a report')
    return {
      report,
      figures: figuresOf(report, before, after),
      before,
      after,
      samples: this.#samples,
      events: this.#events,
      cpuChange: this.#flatness.change,
      surroundings:
        before && after && surroundingsOf(before.moment, after.moment, runCpuNs(before, after)),
    }
  }

  #enter(phase: LoadPhase): void {
    this.#lastCpuNs = this.#cluster.cpuNs()
    // Unmeasured: a node's first answers to this call cost it more than all others together.
    if (phase === 'warm-up' || phase === 'rehearsal') void this.#cost()
    if (phase === 'measure') {
      this.#before = this.#cost()
      this.#elections = this.#cluster.elections
    }
    if (phase === 'drain') this.#after = this.#cost()
  }

  #watchCpu({ phase, requestsDone: requests }: LoadSlice): void {
    const nowNs = this.#cluster.cpuNs()
    const slice = { requests, cpuNs: nowNs - this.#lastCpuNs }
    this.#lastCpuNs = nowNs
    if (phase === 'warm-up' && this.#warmth.add(slice)) this.#generator.measure()
    if (phase === 'measure') this.#flatness.add(slice)
  }

  /** A leader's first word comes at some time of the slice: the band is as wide as that doubt. */
  #watchElections({ elapsedMs }: LoadSlice): void {
    const { elections } = this.#cluster
    const count = elections - this.#elections
    this.#elections = elections
    if (count === 0) return
    const label = count === 1 ? 'election' : `${count} elections`
    const beganMs = Math.max(0, elapsedMs - SLICE_MS)
    this.#events.push({ kind: 'election', beganMs, endedMs: elapsedMs, label })
  }

  #sample({ elapsedMs }: LoadSlice): void {
    if (elapsedMs < this.#nextSampleMs || this.#sampleEveryMs === Number.POSITIVE_INFINITY) return
    this.#nextSampleMs = elapsedMs + this.#sampleEveryMs
    const look = async () => {
      const { nodes } = await this.#cost()
      const rssBytes = nodes.reduce((sum, node) => sum + node.rssBytes, 0)
      const writtenBytes = nodes.reduce((sum, { counters }) => sum + counters.bytesWritten, 0)
      this.#samples.push({ atMs: elapsedMs, rssBytes, writtenBytes })
    }
    // A node that does not answer has failed, and that rejects the run itself.
    look().catch(() => undefined)
  }

  #cost(): Promise<Cost> {
    const generatorCpuNs = this.#generator.cpuNs()
    const { elections } = this.#cluster
    const rest = { generatorCpuNs, elections, moment: momentNow() }
    const cost = this.#cluster.snapshot().then((nodes) => ({ nodes, ...rest }))
    // Awaited in `result`; until then a rejection must not count as unhandled.
    cost.catch(() => undefined)
    return cost
  }
}

const runCpuNs = (before: Cost, after: Cost): number =>
  nodesCpuNs(after) + after.generatorCpuNs - nodesCpuNs(before) - before.generatorCpuNs

const nodesCpuNs = ({ nodes }: Cost): number => nodes.reduce((sum, { cpuNs }) => sum + cpuNs, 0)
