import type {
  ExperimentDocument,
  ExperimentResult,
} from '../judgement/history/experiment-record.ts'
import { comparisonTable, injectedTexts, leftOutTable, searchText } from './experiment-tables.ts'
import { quantileText, quantity, quantityOrNone } from './quantity.ts'
import { summarySentence } from './summary-sentence.ts'
import { markdownTable } from './table-text.ts'

/** An experiment as a page that can be pasted into an issue. */
export function renderMarkdown(document: ExperimentDocument): string {
  const leftOut = leftOutTable(document)
  return [
    `# ${document.name}: experiment ${document.id}`,
    `**${summarySentence(document)}**`,
    document.question,
    ...document.workloads.flatMap(({ name, question }) => {
      const results = document.results.filter(({ workload }) => workload === name)
      return results.length === 0
        ? []
        : [`## ${name}`, question, results.flatMap(injectedLine).join('\n'), resultTables(results)]
    }),
    '## Compared',
    'B against A over the rounds that both have; below 1, B’s figure is the lower one.',
    ...pairsOf(document).map(({ a, b }) => comparisonSection(document, a, b)),
    ...(leftOut.rows.length === 0 ? [] : ['## Left out', markdownTable(leftOut)]),
    '## What can and what cannot be concluded',
    document.conclusions.map((sentence) => `- ${sentence}`).join('\n'),
    '## Circumstances',
    circumstances(document),
  ]
    .filter((section) => section !== '')
    .join('\n\n')
}

const injectedLine = ({
  subject,
  injected,
  search,
  perRun,
}: ExperimentResult): readonly string[] => {
  const texts = [
    ...injectedTexts(injected),
    ...(search === null ? [] : [searchText(search, perRun.length)]),
  ]
  return texts.length === 0 ? [] : [`- ${subject}: ${texts.join(', ')}`]
}

function resultTables(results: readonly ExperimentResult[]): string {
  return markdownTable({
    head: [
      'subject',
      'req/s',
      'p50 ms',
      'p90 ms',
      'p99 ms',
      'p99.9 ms',
      'max ms',
      'leader CPU µs/record',
      'followers CPU µs/record',
      'generator CPU µs/record',
      'syncs/ack',
      'durability',
      'runs',
    ],
    rows: results.map((result) => [
      result.rankable ? result.subject : `${result.subject} (not ranked)`,
      quantity(result.operationsPerSecond ?? result.achievedPerSecond),
      quantileText(result.responseMs.p50, 0.5),
      quantileText(result.responseMs.p90, 0.9),
      quantileText(result.responseMs.p99, 0.99),
      quantileText(result.responseMs.p999, 0.999),
      quantityOrNone(result.responseMs.max),
      quantityOrNone(result.cpuMicrosPerRecord.leader),
      quantityOrNone(result.cpuMicrosPerRecord.followers),
      quantityOrNone(result.cpuMicrosPerRecord.generator),
      quantityOrNone(result.syncsPerAck),
      result.claimedDurability,
      `${result.runs.length}/${result.perRun.length}`,
    ]),
  })
}

const pairsOf = ({ comparisons }: ExperimentDocument) => [
  ...new Map(comparisons.map(({ a, b }) => [`${a} ${b}`, { a, b }])).values(),
]

function comparisonSection({ comparisons }: ExperimentDocument, a: string, b: string): string {
  const rows = comparisons.filter((one) => one.a === a && one.b === b)
  return `A is ${a}, B is ${b}.\n\n${markdownTable(comparisonTable(rows))}`
}

function circumstances(document: ExperimentDocument): string {
  const versions = Object.entries(document.versions).map(([name, version]) => `${name} ${version}`)
  return [
    `- runs: ${document.runsDone} of ${document.runsPlanned}, ${document.nodes} nodes`,
    `- seed: ${document.seed}`,
    `- versions: ${versions.join(', ')}`,
    `- machine: \`${JSON.stringify(document.machine)}\``,
    `- calibration: \`${JSON.stringify(document.calibration)}\``,
    `- harness: ${document.harnessHash ?? 'unknown'}`,
    `- again: \`${document.command}\``,
  ].join('\n')
}
