import type {
  ExperimentDocument,
  ExperimentResult,
} from '../judgement/history/experiment-record.ts'
import type { Evidence } from '../judgement/score/evidence.ts'
import type { Value } from '../judgement/score/expression.ts'
import { signedRankInterval } from '../judgement/stats/signed-rank.ts'
import { staleAfter } from './measured-freshness.ts'
import { withResults } from './open-results.ts'
import { evidenceOfPowerCuts } from './power-cut-evidence.ts'
import { summarizeExperiment, worstVerdict } from './summarize-experiment.ts'

/**
 * What the newest experiments of the archive say of a Raft, as evidence. A figure is taken from the
 * newest experiment that has it and was rankable; a verdict from every one, because a violation
 * does not go away by measuring again.
 */
export function measuredEvidence(raft: string, resultsDirectory: string): readonly Evidence[] {
  return withResults(resultsDirectory, (index, archive) => {
    const documents = [...index.experimentIds()]
      .reverse()
      .map((id) => index.plan(id))
      .filter(({ subjects }) => subjects.some((subject) => raftOf(subject) === raft))
      .map((plan) => summarizeExperiment(plan, index))
    const powerCuts = archive.powerCuts().filter(({ subject }) => raftOf(subject) === raft)
    return [...evidenceOfExperiments(raft, documents), ...evidenceOfPowerCuts(powerCuts)]
  })
}

/** The same of these experiments, newest first. */
export function evidenceOfExperiments(
  raft: string,
  documents: readonly ExperimentDocument[],
): readonly Evidence[] {
  const found = documents.flatMap((document) =>
    document.results
      .filter(({ subject }) => raftOf(subject) === raft)
      .map((result) => ({ document, result })),
  )
  const rows = figures.flatMap((figure) => {
    const first = found.find(
      (one) => figure.from(one.result) && one.result.rankable && figure.value(one) !== null,
    )
    return first === undefined ? [] : [rowOf(figure, first)]
  })
  // An engine alone is asked nothing that a check could refute.
  const judged = found.filter(({ result }) => result.clients === undefined)
  const verdict = worstVerdict(judged.map(({ result }) => result.verdict))
  const culprit = judged.find(({ result }) => result.verdict === verdict)
  return culprit === undefined ? rows : [...rows, row('measured.verdict', verdict, culprit)]
}

type Found = { readonly document: ExperimentDocument; readonly result: ExperimentResult }

type Figure = {
  readonly claim: string
  from(result: ExperimentResult): boolean
  value(found: Found): number | null
  /** The same of every run, for the interval between runs. */
  perRun?(result: ExperimentResult): readonly (number | null)[]
}

const isWorkload = (name: string) => (result: ExperimentResult) =>
  result.workload === name && result.clients === undefined

const goodRuns = (result: ExperimentResult) => result.perRun.filter(({ rankable }) => rankable)

const cpuOf = ({ leader, followers }: ExperimentResult['cpuMicrosPerRecord']): number | null =>
  leader === null || followers === null ? null : leader + followers

const figures: readonly Figure[] = [
  {
    claim: 'measured.steadyP50Ms',
    from: isWorkload('steady'),
    value: ({ result }) => result.responseMs.p50,
    perRun: (result) => goodRuns(result).map(({ responseMs }) => responseMs.p50),
  },
  {
    claim: 'measured.steadyP99Ms',
    from: isWorkload('steady'),
    value: ({ result }) => result.responseMs.p99,
    perRun: (result) => goodRuns(result).map(({ responseMs }) => responseMs.p99),
  },
  {
    claim: 'measured.cpuMicrosPerRecord',
    from: isWorkload('steady'),
    value: ({ result }) => cpuOf(result.cpuMicrosPerRecord),
    perRun: (result) => goodRuns(result).map((run) => cpuOf(run.cpuMicrosPerRecord)),
  },
  {
    claim: 'measured.syncsPerAck',
    from: isWorkload('steady'),
    value: ({ result }) => result.syncsPerAck,
  },
  {
    claim: 'measured.capacityPerSecond',
    from: isWorkload('capacity'),
    value: ({ result }) => result.achievedPerSecond,
    perRun: (result) => goodRuns(result).map(({ achievedPerSecond }) => achievedPerSecond),
  },
  { claim: 'measured.capacityOfNull', from: isWorkload('capacity'), value: shareOfNull },
  {
    claim: 'measured.engineOnlyPerSecond',
    from: ({ operationsPerSecond }) => operationsPerSecond !== undefined,
    value: fastestEngine,
  },
]

/** Over the numbers of clients of the same experiment. */
function fastestEngine({ document, result }: Found): number | null {
  const rates = document.results
    .filter(({ subject, rankable }) => subject === result.subject && rankable)
    .flatMap(({ operationsPerSecond }) => operationsPerSecond ?? [])
  return rates.length === 0 ? null : Math.max(...rates)
}

/** Against `null`'s best closed loop in the same experiment. */
function shareOfNull({ document, result }: Found): number | null {
  const ceilings = document.results
    .filter(
      ({ subject, loop, rankable }) => raftOf(subject) === 'null' && loop === 'closed' && rankable,
    )
    .filter(({ clients }) => clients === undefined)
    .map(({ achievedPerSecond }) => achievedPerSecond)
  return ceilings.length === 0 ? null : result.achievedPerSecond / Math.max(...ceilings)
}

function rowOf(figure: Figure, found: Found): Evidence {
  const value = rounded(figure.value(found) ?? 0)
  const interval = intervalOf(figure.perRun?.(found.result) ?? [])
  return { ...row(figure.claim, value, found), ...(interval === undefined ? {} : { interval }) }
}

function row(claim: string, value: Value, { document, result }: Found): Evidence {
  const date = document.startedAt.slice(0, 10)
  return {
    claim,
    value,
    kind: 'measured',
    source: `experiment ${document.id}, ${result.workload}, ${result.subject}`,
    factDate: date,
    lookedAt: date,
    staleAfter: staleAfter(date),
    note: `${result.runs.length} runs`,
    place: { file: document.id },
  }
}

/** The exact signed-rank interval of the runs' median on the log scale: from six runs on. */
function intervalOf(values: readonly (number | null)[]) {
  const positive = values.filter((value): value is number => value !== null && value > 0)
  if (positive.length < 6 || positive.length < values.length) return undefined
  const { low, high } = signedRankInterval(positive.map(Math.log))
  return { low: rounded(Math.exp(low)), high: rounded(Math.exp(high)) }
}

const rounded = (value: number): number => Number(value.toPrecision(4))

/** `event` of `event/wal@tuned`. */
export const raftOf = (subject: string): string => subject.split(/[/@]/)[0] ?? subject
