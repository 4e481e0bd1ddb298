import type { Ablation } from '../../src/judgement/history/ablation.ts'
import type {
  ExperimentDocument,
  MetricComparison,
} from '../../src/judgement/history/experiment-record.ts'
import type { ExperimentView } from '../../src/report/html/experiment-view.ts'

/** The same experiment with a sweep over delays, and with an ablation: every section has data. */
export const withEverySection = (view: ExperimentView): ExperimentView => ({
  ...view,
  document: { ...withCrossover(view.document), ablation },
})

function withCrossover(document: ExperimentDocument): ExperimentDocument {
  const variants = [0, 1, 5].flatMap((syncDelayMs) =>
    [0, 2, 20].flatMap((roundTripMs) =>
      [1, 64].map((inFlight) => ({ syncDelayMs, roundTripMs, inFlight })),
    ),
  )
  const cases = variants.map((variant, at) => ({
    ...{ name: `crossover ${at}`, file: 'crossover', variant, question: 'Where?' },
    ...{ caveat: null, rounds: 6 },
  }))
  return {
    ...document,
    workloads: [...document.workloads, ...cases],
    comparisons: [
      ...document.comparisons,
      ...cases.map(({ name, variant }) => comparison(name, 1 - variant.syncDelayMs / 10)),
    ],
  }
}

const comparison = (workload: string, estimate: number): MetricComparison => ({
  ...{ workload, a: 'tick/wal', b: 'event/wal', metric: 'responseMs.p50', role: 'primary' },
  ...{ unit: 'ratio', estimate, low: estimate * 0.9, high: estimate * 1.1 },
  verdict: estimate < 0.9 ? 'better' : 'undecided',
  ...{ margin: 0.05, pAdjusted: 0.03, familySize: 3, detectable: 1.1, rounds: 6 },
  ...{ noise: null, roundsDropped: 0, reason: 'the interval reaches over the margin' },
})

const ablation: Ablation = {
  from: 'tick',
  to: 'event',
  factorial: false,
  points: [],
  impossible: [],
  steps: ['clock', 'disk'].flatMap((name, at) =>
    (['from', 'to'] as const).map((end) => ({
      ...{ axis: 'AB'.charAt(at), name, from: 'lockstep', to: 'overlap', end },
      metrics: [comparison('steady', 0.8)],
    })),
  ),
  interactions: [{ axes: ['A', 'B'], metrics: [comparison('steady', 1.4)] }],
  total: [comparison('steady', 0.64)],
}
