import type {
  DroppedRound,
  ExperimentDocument,
  ExperimentResult,
  MetricComparison,
} from '../judgement/history/experiment-record.ts'
import { kneeSentence, kneesOf } from '../report/knees.ts'
import { trendSentences } from '../report/trend-sentences.ts'

type Figures = Omit<ExperimentDocument, 'conclusions'>

const metricWords: Readonly<Record<string, string>> = {
  'responseMs.p50': 'median response time',
  'responseMs.p99': 'p99 response time',
  'cpuMicrosPerRecord.leader': 'leader CPU per record',
  'cpuMicrosPerRecord.followers': 'followers’ CPU per record',
  achievedPerSecond: 'one-box capacity',
  maxRatePerSecond: 'highest rate that held',
}

/** What can and what cannot be concluded, in sentences, the most important first. */
export function concludeExperiment(document: Figures): readonly string[] {
  return [
    ...correctness(document),
    ...comparisonSentences(document.comparisons),
    ...document.results.filter((result) => !result.rankable).map(notRanked),
    ...dropped(document.droppedRounds),
    ...document.results.flatMap(trendSentences),
    ...notCompared(document.results),
    ...ceiling(document.results),
    ...kneesOf(document).map(kneeSentence),
    ...workloadCaveats(document.workloads),
    ...caveats(document),
  ]
}

/** The cases of a sweep share their file's caveat: it is said once. */
function workloadCaveats(workloads: ExperimentDocument['workloads']): readonly string[] {
  const sentences = workloads.flatMap(({ file, name, caveat }) =>
    caveat === null ? [] : [`${file ?? name}: ${caveat}`],
  )
  return [...new Set(sentences)]
}

/** The decided ones one by one; then why others are open, and what could not be compared. */
export function comparisonSentences(comparisons: readonly MetricComparison[]): readonly string[] {
  const answered = comparisons.filter(isAnswered)
  const primary = answered.filter(({ role }) => role === 'primary')
  const secondary = answered.filter(({ role }) => role === 'secondary')
  return [
    ...primary.filter(isDecided).map(comparisonSentence),
    ...undecided(
      'Undecided',
      primary.filter((one) => !isDecided(one)),
    ),
    ...secondary.filter(isDecided).map((one) => `Secondary: ${comparisonSentence(one)}`),
    ...undecided(
      'Secondary, undecided',
      secondary.filter((one) => !isDecided(one)),
    ),
    ...unanswered(comparisons.filter((one) => !isAnswered(one))),
  ]
}

const isDecided = ({ verdict }: MetricComparison): boolean => verdict !== 'undecided'

function correctness({ verdict, results, interrupted }: Figures): readonly string[] {
  const broken = results.filter((result) => result.verdict !== 'valid')
  const sentences = broken.map(({ workload, subject, verdict: found, checks }) => {
    const why = checks[0]?.explanation ?? 'no check ran'
    return `${workload}: ${subject} is ${found}: ${why}`
  })
  if (verdict === 'valid')
    sentences.push('Every record that was acknowledged was read back in order.')
  if (interrupted !== undefined) sentences.push(`It ended early: ${interrupted}.`)
  return sentences
}

function comparisonSentence(comparison: Answered): string {
  const { workload, a, b, metric, estimate, low, high, verdict, rounds } = comparison
  const what = `${workload}: ${metricWords[metric] ?? metric} of ${b} against ${a}`
  const interval =
    low === null || high === null
      ? `${rounds} ${rounds === 1 ? 'round' : 'rounds'}, no interval`
      : `95 % interval ${ratio(low)}–${ratio(high)}, ${rounds} rounds`
  return `${what}: ×${ratio(estimate)} (${interval}): ${verdict}.`
}

type Answered = MetricComparison & { readonly estimate: number }

const isAnswered = (comparison: MetricComparison): comparison is Answered =>
  comparison.estimate !== null

/** One sentence for each pair and workload, however many metrics it leaves open. */
function unanswered(comparisons: readonly MetricComparison[]): readonly string[] {
  const sentences = comparisons.map(
    ({ workload, a, b, reason }) => `${workload}: ${b} cannot be held against ${a}: ${reason}.`,
  )
  return [...new Set(sentences)]
}

/** By reason: the figures of each stand in the table of comparisons. */
function undecided(lead: string, comparisons: readonly Answered[]): readonly string[] {
  const reasons = [...new Set(comparisons.map(({ reason }) => reason))]
  return reasons.map((reason) => {
    const open = comparisons.filter((one) => one.reason === reason)
    const names = open.map(({ workload, metric }) => `${workload} ${metric}`)
    return `${lead}: ${listed([...new Set(names)])}: ${reason}.`
  })
}

/** More names than a reader reads stand in the table alone. */
const NAMES_MAX = 6

function listed(names: readonly string[]): string {
  const more = names.length - NAMES_MAX
  return more > 1 ? `${names.slice(0, NAMES_MAX).join(', ')} and ${more} more` : names.join(', ')
}

function notRanked({ workload, subject, leftOut, perRun }: ExperimentResult): string {
  const reason = leftOut[0]?.reason ?? 'no run'
  const share = `${leftOut.length} of ${perRun.length}`
  return `${workload}: ${subject} is not ranked: ${share} runs missed a gate (${reason}).`
}

/** One sentence for each workload. */
function dropped(rounds: readonly DroppedRound[]): readonly string[] {
  const workloads = [...new Set(rounds.map(({ workload }) => workload))]
  return workloads.map((workload) => {
    const own = rounds.filter((one) => one.workload === workload)
    const named = own.map(({ round, reason }) => `round ${round} (${reason})`).join(', ')
    return `${workload}: dropped whole for foreign noise: ${named}.`
  })
}

function notCompared(results: readonly ExperimentResult[]): readonly string[] {
  const workloads = [...new Set(results.map(({ workload }) => workload))]
  return workloads.flatMap((workload) => {
    const cells = results.filter((result) => result.workload === workload)
    const classes = new Map(cells.map((cell) => [cell.claimedDurability, cell.subject]))
    if (classes.size < 2) return []
    const names = [...classes].map(([durability, subject]) => `${subject} ${durability}`).join(', ')
    return [`${workload}: subjects that promise different durability are not compared (${names}).`]
  })
}

function ceiling(results: readonly ExperimentResult[]): readonly string[] {
  return results
    .filter(({ subject, loop }) => subject === 'null' && loop === 'closed')
    .map(
      ({ workload, achievedPerSecond }) =>
        `${workload}: null, which replicates nothing, reaches ${Math.round(achievedPerSecond)} ` +
        'requests/s: the harness’s own ceiling. A capacity near it says nothing about a raft.',
    )
}

function caveats({ placement, nodes, noiseFloor }: Figures): readonly string[] {
  if (placement === 'in-process') {
    return ['Engine-only figures leave out processes, network and disk: rank them apart.']
  }
  return [
    noiseFloor === undefined
      ? 'How much a subject differs from itself on this machine is not known: raftmark calibrate ' +
        '--noise measures it.'
      : `Noise is what ${noiseFloor.experiment} showed of a subject against itself here.`,
    `All ${nodes} nodes and the generator shared one machine: capacities are one-box capacities, ` +
      'and CPU per record carries over to other machines better than rates do.',
    'Durability is claimed here, not proven: syncs per ack show what was counted.',
  ]
}

const ratio = (value: number): string => value.toFixed(2)
