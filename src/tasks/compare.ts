import { readFileSync } from 'node:fs'
import type { ResultIndex } from '../archive/result-index.ts'
import { RaftmarkError } from '../base/errors.ts'
import type {
  ComparisonDocument,
  ExperimentDocument,
  ExperimentResult,
  MetricComparison,
} from '../judgement/history/experiment-record.ts'
import { compareAcross, comparePairs, type ResultPair } from './compare-results.ts'
import { comparisonSentences } from './conclude-experiment.ts'
import { applyThresholds, parseThresholds, type Threshold } from './fail-on.ts'
import { documentOf, experimentNamed, notFound } from './list-results.ts'
import { machineName } from './machine-name.ts'
import { didYouMean } from './nearest-name.ts'
import { withNoise } from './noise-floor.ts'
import { withResults } from './open-results.ts'

export type CompareOptions = {
  /** `EXPERIMENT A B`, `A B` of the newest experiment, or two experiments or saved documents. */
  readonly words: readonly string[]
  readonly results: string
  readonly failOn: readonly string[]
  /** Compare across machines and harnesses, and mark it. */
  readonly force: boolean
}

/** B against A, from what was saved. */
export function compare(options: CompareOptions): ComparisonDocument {
  const thresholds = parseThresholds(options.failOn)
  return withResults(options.results, (index) => {
    const [first = '', second = '', third] = options.words
    if (options.words.length < 2 || options.words.length > 3) throw wrongCount()
    if (third !== undefined) return subjects(open(index, options, first), second, third, thresholds)
    if (isExperiment(index, first) && isExperiment(index, second)) {
      const pair = [open(index, options, first), open(index, options, second)] as const
      return experiments(...pair, thresholds, options.force)
    }
    return subjects(open(index, options, 'last'), first, second, thresholds)
  })
}

const isFile = (word: string): boolean => word.endsWith('.json')

const isExperiment = (index: ResultIndex, word: string): boolean =>
  isFile(word) || experimentNamed(index, word) !== undefined

function open(index: ResultIndex, { results }: CompareOptions, word: string): ExperimentDocument {
  if (isFile(word)) return readBaseline(word)
  const experiment = experimentNamed(index, word)
  if (experiment === undefined) throw notFound(index, results, word)
  return documentOf(index, experiment)
}

/** A document that `run --json` or `report --format json` printed, kept as a baseline. */
function readBaseline(file: string): ExperimentDocument {
  const refuse = (reason: string, cause?: unknown) =>
    new RaftmarkError('result-damaged', `${file} is no saved experiment: ${reason}`, {
      nextStep: 'save one with: raftmark report EXPERIMENT --format json > FILE.json',
      place: { file },
      cause,
    })
  let document: Partial<ExperimentDocument>
  try {
    document = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause)
  }
  if (document.schema === 'raftmark/experiment/1') return document as ExperimentDocument
  throw refuse(`its schema is ${JSON.stringify(document.schema)}`)
}

/** Two subjects in the rounds of one experiment. */
function subjects(
  document: ExperimentDocument,
  a: string,
  b: string,
  thresholds: readonly Threshold[],
): ComparisonDocument {
  const left = resultsOf(document, a)
  const pairs = left.flatMap((one) => pairWith(one, resultsOf(document, b)))
  if (pairs.length === 0) {
    throw new RaftmarkError('subject-invalid', `${a} and ${b} have no workload in common`, {
      nextStep: 'subjects are compared on the same workload at the same durability',
    })
  }
  const metrics = withNoise(comparePairs(pairs, document.primary), document.noiseFloor)
  return { ...frame(a, b, metrics, thresholds), experiments: [document.id], paired: true }
}

/** The same subjects in two experiments. */
function experiments(
  a: ExperimentDocument,
  b: ExperimentDocument,
  thresholds: readonly Threshold[],
  force: boolean,
): ComparisonDocument {
  const forced = differences(a, b)
  if (forced.length > 0 && !force) {
    throw new RaftmarkError('flag-invalid', `not comparable: ${forced.join(', ')}`, {
      nextStep: 'measure both with one raftmark on one machine, or add --force to see it marked',
    })
  }
  const pairs = a.results.flatMap((one) =>
    b.results
      .filter((other) => other.subject === one.subject && other.workload === one.workload)
      .map((other) => ({ a: one, b: other })),
  )
  const metrics = compareAcross(pairs, b.primary)
  const ids = [a.id, b.id]
  return { ...frame(a.id, b.id, metrics, thresholds), experiments: ids, paired: false, forced }
}

function frame(
  a: string,
  b: string,
  metrics: readonly MetricComparison[],
  thresholds: readonly Threshold[],
): ComparisonDocument {
  return {
    schema: 'raftmark/comparison/1',
    a,
    b,
    experiments: [],
    paired: true,
    forced: [],
    metrics,
    thresholds: applyThresholds(thresholds, metrics),
    conclusions: comparisonSentences(metrics),
  }
}

/** A subject by its full name, or all subjects of a raft: `tick` is tick/wal and tick/memory. */
function resultsOf({ results }: ExperimentDocument, name: string): readonly ExperimentResult[] {
  const exact = results.filter(({ subject }) => subject === name)
  const found = exact.length > 0 ? exact : results.filter(({ subject }) => raftOf(subject) === name)
  if (found.length > 0) return found
  const known = new Set(results.map(({ subject }) => subject))
  throw new RaftmarkError('subject-invalid', `the experiment has no subject ${name}`, {
    nextStep: didYouMean(name, known),
  })
}

const raftOf = (subject: string): string => subject.split(/[/@]/, 1)[0] ?? subject

function pairWith(a: ExperimentResult, others: readonly ExperimentResult[]): readonly ResultPair[] {
  return others
    .filter(
      (b) =>
        b.subject !== a.subject &&
        b.workload === a.workload &&
        b.claimedDurability === a.claimedDurability,
    )
    .map((b) => ({ a, b }))
}

function differences(a: ExperimentDocument, b: ExperimentDocument): readonly string[] {
  const found: string[] = []
  if (a.harnessHash !== b.harnessHash) found.push('the harness differs')
  if (machineName(a.machine) !== machineName(b.machine)) found.push('the machine differs')
  return found
}

function wrongCount(): RaftmarkError {
  return new RaftmarkError('flag-invalid', 'two things are compared', {
    nextStep: 'raftmark compare [EXPERIMENT] A B, or two experiments; see --help',
  })
}
