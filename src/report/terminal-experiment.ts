import type {
  ExperimentDocument,
  ExperimentResult,
  PlannedWorkload,
} from '../judgement/history/experiment-record.ts'
import { comparisonTable, injectedTexts, searchText } from './experiment-tables.ts'
import { quantileText, quantity, quantityOrNone } from './quantity.ts'
import { summarySentence } from './summary-sentence.ts'
import { type Sweep, sweepsOf } from './sweep-tables.ts'
import { renderAblation } from './terminal-ablation.ts'
import { COMPARISON_WIDTHS } from './terminal-comparison.ts'
import { apartFrom, sweepComparison, sweepSection } from './terminal-sweep.ts'
import { COLUMNS, textTable, wrapped } from './text-table.ts'
import { twoLogsSection } from './two-logs.ts'

/** The whole comparison as text of at most 80 columns, without colour. */
export function renderExperiment(document: ExperimentDocument): string {
  const sweeps = sweepsOf(document)
  const isSwept = ({ file }: PlannedWorkload) => sweeps.some((sweep) => sweep.file === file)
  const sections = document.workloads.flatMap((workload) => {
    const results = document.results.filter((result) => result.workload === workload.name)
    return results.length === 0 || isSwept(workload) ? [] : [workloadSection(workload, results)]
  })
  return [
    `${document.name} · experiment ${document.id} · verdict: ${document.verdict}`,
    wrapped(summarySentence(document), ''),
    ...(document.question === '' ? [] : [wrapped(document.question, '')]),
    '',
    ...sections,
    ...sweeps.map((sweep) => sweepSection(sweep, document.results)),
    ...twoLogsSection(document.results),
    ...comparisonSections(document, sweeps),
    ...(document.ablation === undefined ? [] : [renderAblation(document.ablation), '']),
    'What can and what cannot be concluded',
    ...document.conclusions.map((sentence) => wrapped(`- ${sentence}`)),
    '',
    circumstances(document),
  ].join('\n')
}

function comparisonSections(
  { comparisons }: ExperimentDocument,
  sweeps: readonly Sweep[],
): readonly string[] {
  const pairs = new Map(comparisons.map(({ a, b }) => [`${a} ${b}`, { a, b }]))
  return [...pairs.values()].flatMap(({ a, b }) => {
    const own = comparisons.filter((one) => one.a === a && one.b === b)
    const { head, rows } = comparisonTable(apartFrom(sweeps, own))
    return [
      `B is ${b}, against A, ${a}`,
      ...(rows.length === 0 ? [] : [textTable(head, rows, { widths: COMPARISON_WIDTHS })]),
      ...sweeps.flatMap((sweep) => sweepComparison(sweep, own)),
      '',
    ]
  })
}

function workloadSection(workload: PlannedWorkload, results: readonly ExperimentResult[]): string {
  const engineOnly = results.some((result) => result.clients !== undefined)
  const tables = engineOnly
    ? [engineTable(results)]
    : ['response time in ms', latencyTable(results), 'cost', costTable(results), gateLines(results)]
  return [
    `${workload.name} · ${loopOf(results[0])}`,
    ...(workload.question === '' ? [] : [wrapped(workload.question, '')]),
    ...injectedLines(results),
    ...searchLines(results),
    ...tables,
    '',
  ].join('\n')
}

function loopOf(result: ExperimentResult | undefined): string {
  if (result === undefined) return ''
  if (result.clients !== undefined) return 'in process, memory, closed loop'
  if (result.loop === 'closed') return 'closed loop (capacity; its latency is not a response time)'
  return `open loop at ${quantityOrNone(result.offeredPerSecond)} requests/s`
}

function injectedLines(results: readonly ExperimentResult[]): readonly string[] {
  return results.flatMap(({ subject, injected }) => {
    const texts = injectedTexts(injected)
    return texts.length === 0 ? [] : [wrapped(`${subject}: ${texts.join(' · ')}`)]
  })
}

/** Each rate with its doubt: the interval over the runs, and how many confirmed it. */
function searchLines(results: readonly ExperimentResult[]): readonly string[] {
  return results.flatMap(({ subject, search, perRun }) =>
    search === null ? [] : [wrapped(`${subject}: ${searchText(search, perRun.length)}`)],
  )
}

function latencyTable(results: readonly ExperimentResult[]): string {
  const head = ['subject', 'req/s', 'p50', 'p90', 'p99', 'p99.9', 'max']
  const widths = [18, 9, 9, 9, 9, 9, 9]
  const rows = results.map(({ subject, rankable, achievedPerSecond, responseMs }) => [
    rankable ? subject : `${subject} (not ranked)`,
    quantity(achievedPerSecond),
    quantileText(responseMs.p50, 0.5),
    quantileText(responseMs.p90, 0.9),
    quantileText(responseMs.p99, 0.99),
    quantileText(responseMs.p999, 0.999),
    quantityOrNone(responseMs.max),
  ])
  return textTable(head, rows, { widths })
}

function costTable(results: readonly ExperimentResult[]): string {
  const head = [
    'subject',
    'leader CPU µs/ record',
    'follow- ers CPU µs/ record',
    'gener- ator CPU µs/ record',
    'syncs per ack',
    'dura- bility',
    'runs used',
  ]
  const widths = [18, 10, 10, 10, 9, 8, 7]
  const rows = results.map((result) => [
    result.subject,
    quantityOrNone(result.cpuMicrosPerRecord.leader),
    quantityOrNone(result.cpuMicrosPerRecord.followers),
    quantityOrNone(result.cpuMicrosPerRecord.generator),
    quantityOrNone(result.syncsPerAck),
    result.claimedDurability,
    `${result.runs.length}/${result.perRun.length}`,
  ])
  return textTable(head, rows, { widths })
}

function engineTable(results: readonly ExperimentResult[]): string {
  const rows = [...results]
    .sort((one, other) => (one.clients ?? 0) - (other.clients ?? 0))
    .map((result) => [
      result.subject,
      String(result.clients ?? ''),
      quantityOrNone(result.operationsPerSecond),
      `${result.runs.length}/${result.perRun.length}`,
    ])
  return textTable(['subject', 'clients', 'operations/s', 'runs used'], rows)
}

/** One line per subject: which gate is nearest to its limit, and which was missed. */
function gateLines(results: readonly ExperimentResult[]): string {
  return results
    .map(({ subject, gates }) => {
      const texts = gates.map(
        ({ name, held, value, limit, unit }) =>
          `${name} ${quantity(value)} of ${quantity(limit)} ${unit}${held ? '' : ' MISSED'}`,
      )
      return wrapped(`gates of ${subject}: ${texts.length === 0 ? 'none' : texts.join(' · ')}`)
    })
    .join('\n')
}

function circumstances(document: ExperimentDocument): string {
  const done = `${document.runsDone} of ${document.runsPlanned} runs`
  const versions = Object.entries(document.versions).map(([name, version]) => `${name} ${version}`)
  return [
    wrapped(
      `${done} · seed ${document.seed} · ${document.nodes} nodes · ${versions.join(', ')}`,
      '',
    ),
    `again: ${document.command}`,
    `see:   raftmark results show ${document.id}`,
  ]
    .join('\n')
    .slice(0, COLUMNS * 20)
}
