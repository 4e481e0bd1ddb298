import type { AblationDocument } from '../judgement/history/ablation.ts'
import type { ExperimentDocument } from '../judgement/history/experiment-record.ts'
import { concludeAblation } from './conclude-ablation.ts'
import { planAblation } from './plan-ablation.ts'
import { readAdapters } from './read-adapters.ts'
import { type RunSuiteOptions, runSuite, type SuiteOutcome } from './run-suite.ts'
import { shippedWorkloads } from './shipped-workloads.ts'

export type AblateOptions = Omit<
  RunSuiteOptions,
  'subjects' | 'ablation' | 'placement' | 'durability' | 'cpus'
> & {
  readonly from: string
  readonly to: string
  readonly factorial: boolean
}

/** Latency in an open loop, capacity in a closed one. */
const DEFAULT_SUITE = 'ablation'

/** Walks from one design to another and measures every point on the way. */
export async function ablate(options: AblateOptions): Promise<SuiteOutcome> {
  const { from, to, factorial, ...rest } = options
  const names = options.names.length === 0 ? [DEFAULT_SUITE] : options.names
  const store = await storeOf(names[0] ?? DEFAULT_SUITE)
  const { rafts } = await readAdapters(options.adapters)
  const ablation = planAblation({ from, to, store }, factorial, rafts)
  return runSuite({
    ...rest,
    names,
    subjects: ablation.points.map(({ subject }) => subject),
    ablation,
    placement: undefined,
    durability: undefined,
    cpus: [],
  })
}

/** The document of an experiment that was an ablation. */
export function ablationDocument(document: ExperimentDocument): AblationDocument | undefined {
  const { id, command, ablation } = document
  if (ablation === undefined) return undefined
  const conclusions = concludeAblation(ablation)
  return { schema: 'raftmark/ablation/1', experiment: id, command, ...ablation, conclusions }
}

/** Of the designs that name none: what the first workload takes. */
async function storeOf(name: string): Promise<string> {
  const library = shippedWorkloads()
  const { suites } = await library.names()
  const workload = suites.includes(name)
    ? ((await library.suite(name)).parts[0]?.workloads[0] ?? name)
    : name
  const [first] = await library.workloads(workload)
  return first?.store ?? 'memory'
}
