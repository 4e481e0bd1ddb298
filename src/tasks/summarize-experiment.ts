import { emptyHistogram } from '../archive/read-histogram.ts'
import type { ResultIndex } from '../archive/result-index.ts'
import type { Workload } from '../experiment/workload/workload.ts'
import type {
  CpuPerRecord,
  DroppedRound,
  ExperimentDocument,
  ExperimentPlan,
  ExperimentResult,
  InjectedDelay,
  ResponseMs,
  RunValue,
} from '../judgement/history/experiment-record.ts'
import type {
  Gate,
  InjectedDelays,
  LatencySummary,
  RunFigures,
  RunRecord,
  Verdict,
} from '../judgement/history/run-record.ts'
import { carriesQuantile, medianOf } from '../judgement/stats/quantile.ts'
import { ablationOf } from './ablation-effects.ts'
import { compareResults } from './compare-results.ts'
import { loopOfResult, primaryByRule } from './compared-metrics.ts'
import { concludeExperiment } from './conclude-experiment.ts'
import { withoutUnstable } from './cpu-layout.ts'
import { withNoise } from './noise-floor.ts'
import { droppedWith, noisyRounds } from './noisy-rounds.ts'
import { rateSummaryOf } from './rate-summary.ts'
import { cellKey } from './resolve-experiment.ts'

/** The document of an experiment as far as its runs are in the archive. */
export function summarizeExperiment(plan: ExperimentPlan, index: ResultIndex): ExperimentDocument {
  const saved = index.runsOf(plan.id)
  const droppedRounds = noisyRounds(saved)
  const runs = saved.map((run) =>
    droppedWith(run, droppedRounds) === undefined ? run : { ...run, rankable: false },
  )
  const results = cellsOf(plan, runs).map((cell) => resultOf(cell, droppedRounds, index))
  const primary =
    plan.primary ?? results.map((one) => primaryByRule(one.workload, loopOfResult(one)))
  const compared = pairsToCompare(plan, results).flatMap(([a, b]) =>
    compareResults(results, primary, a, b),
  )
  const comparisons = withNoise(withoutUnstable(compared, plan.workloads), plan.noiseFloor)
  const interrupted = runs.find((run) => run.interrupted !== undefined)?.interrupted
  const missing = plan.runs.length - runs.length
  const first = runs[0]
  const document = {
    schema: 'raftmark/experiment/1',
    id: plan.id,
    name: plan.name,
    question: plan.question,
    startedAt: plan.startedAt,
    command: plan.command,
    effort: plan.effort,
    seed: plan.seed,
    nodes: plan.nodes,
    placement: plan.placement,
    verdict: worstVerdict(runs.map((run) => run.verdict)),
    runsPlanned: plan.runs.length,
    runsDone: runs.length,
    workloads: plan.workloads,
    primary,
    results,
    droppedRounds,
    ...(plan.noiseFloor === undefined ? {} : { noiseFloor: plan.noiseFloor }),
    comparisons,
    ...(plan.ablation === undefined
      ? {}
      : { ablation: ablationOf(plan.ablation, results, primary) }),
    ...(interrupted === undefined && missing === 0
      ? {}
      : { interrupted: interrupted ?? `${missing} of ${plan.runs.length} runs are missing` }),
    harnessHash: first?.harnessHash ?? null,
    versions: Object.assign({}, ...runs.map((run) => run.versions)),
    machine: first?.machine ?? null,
    calibration: first?.calibration ?? null,
  } as const
  return { ...document, conclusions: concludeExperiment(document) }
}

/** No verdict at all is no proof: `unknown`. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('invalid')) return 'invalid'
  return verdicts.length === 0 || verdicts.includes('unknown') ? 'unknown' : 'valid'
}

/** Quantiles in milliseconds of a histogram of microseconds. */
function responseOf(counted: {
  readonly totalCount: number
  getValueAtPercentile(percentile: number): number
}): ResponseMs {
  const at = (ratio: number) =>
    carriesQuantile(counted.totalCount, ratio)
      ? counted.getValueAtPercentile(ratio * 100) / 1_000
      : null
  return {
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: counted.totalCount === 0 ? null : counted.getValueAtPercentile(100) / 1_000,
  }
}

/** The pairs of subjects that an experiment is about, each against those asked for before it. */
function pairsToCompare(
  plan: ExperimentPlan,
  results: readonly ExperimentResult[],
): readonly (readonly [string, string])[] {
  // An ablation holds its points against each other by what lies between them.
  if (plan.ablation !== undefined) return [[plan.ablation.from, plan.ablation.to]]
  const subjects = plan.subjects.filter((subject) => subject !== 'null')
  const workloadsOf = (subject: string) =>
    results.filter((result) => result.subject === subject).map(({ workload }) => workload)
  return subjects
    .flatMap((a, at) => subjects.slice(at + 1).map((b) => [a, b] as const))
    .filter(([a, b]) => workloadsOf(a).some((workload) => workloadsOf(b).includes(workload)))
}

type Cell = readonly [RunRecord, ...RunRecord[]]

/** Runs by workload and subject, in the order in which these were asked for. */
function cellsOf(plan: ExperimentPlan, runs: readonly RunRecord[]): readonly Cell[] {
  const cells = new Map<string, [RunRecord, ...RunRecord[]]>()
  for (const run of runs) {
    const key = cellKey(run.workload, run.subject)
    const cell = cells.get(key)
    if (cell === undefined) cells.set(key, [run])
    else cell.push(run)
  }
  const order = plan.workloads.flatMap(({ name }) =>
    plan.subjects.map((subject) => cellKey(name, subject)),
  )
  return order.flatMap((key) => {
    const cell = cells.get(key)
    return cell === undefined ? [] : [cell]
  })
}

function resultOf(
  cell: Cell,
  dropped: readonly DroppedRound[],
  index: ResultIndex,
): ExperimentResult {
  const [first] = cell
  const good = cell.filter((run) => run.rankable)
  const rankable = good.length > 0 && good.length * 2 >= cell.length
  const used = good.length > 0 ? good : cell
  const figures = used.map((run) => run.figures)
  const clients = first.figures.clients
  const operations = figures.flatMap((one) => one.operationsPerSecond ?? [])
  return {
    workload: first.workload,
    subject: first.subject,
    rankable,
    verdict: worstVerdict(cell.map((run) => run.verdict)),
    requests: figures.reduce((sum, one) => sum + one.requests, 0),
    runs: used.map((run) => run.id),
    leftOut: cell
      .filter((run) => !run.rankable)
      .map((run) => ({ run: run.id, reason: whyNotRankable(run, dropped) })),
    claimedDurability: first.claimedDurability,
    loop: first.figures.offeredPerSecond === undefined ? 'closed' : 'open',
    offeredPerSecond: medianOrNull(figures.map((one) => one.offeredPerSecond)),
    achievedPerSecond: medianOf(figures.map((one) => one.achievedPerSecond)),
    responseMs: mergedResponse(used, index),
    cpuMicrosPerRecord: {
      leader: medianOrNull(figures.map((one) => one.cpuMicrosPerRecord.leader)),
      followers: medianOrNull(figures.map((one) => one.cpuMicrosPerRecord.followers)),
      generator: medianOrNull(figures.map((one) => one.cpuMicrosPerRecord.generator)),
    },
    syncsPerAck: medianOrNull(figures.map((one) => one.syncsPerAck)),
    bytesWrittenPerAck: medianOrNull(figures.map((one) => one.bytesWrittenPerAck)),
    diskBytesWrittenPerAck: medianOrNull(figures.map((one) => one.diskBytesWrittenPerAck)),
    ...payloadOf(first),
    rssBytesMax: maxOrNull(figures.map((one) => one.rssBytesMax)),
    gcPauseMsMax: maxOrNull(figures.map((one) => one.gcPauseMsMax)),
    requestsPerFrame: medianOrNull(figures.map((one) => one.requestsPerFrame)),
    injected: injectedOf(first, figures),
    search: rateSummaryOf(used),
    failures: sumByKey(figures.map((one) => one.failures)),
    gates: worstGates(used.flatMap((run) => run.gates)),
    checks: cell.flatMap((run) => run.checks).filter((check) => check.verdict !== 'valid'),
    perRun: cell.map(runValueOf),
    ...(clients === undefined ? {} : { clients }),
    ...(operations.length === 0 ? {} : { operationsPerSecond: medianOf(operations) }),
  }
}

function payloadOf({ resolvedWorkload }: RunRecord): Pick<ExperimentResult, 'payloadBytesPerAck'> {
  const workload = resolvedWorkload as Partial<Workload>
  const { payloadBytes, payloadSizes, recordsPerBatch } = workload
  if (payloadBytes === undefined || recordsPerBatch === undefined) return {}
  const isFixed = payloadSizes === undefined || payloadSizes === 'fixed'
  return isFixed ? { payloadBytesPerAck: payloadBytes * recordsPerBatch } : {}
}

function injectedOf(
  { resolvedWorkload }: RunRecord,
  figures: readonly RunFigures[],
): ExperimentResult['injected'] {
  const asked = resolvedWorkload as Partial<Pick<Workload, keyof InjectedDelays>>
  const delay = (name: keyof InjectedDelays): InjectedDelay | null => {
    const askedMs = asked[name] ?? 0
    const achievedMs = medianOrNull(figures.map(({ injected }) => injected?.[name]))
    return askedMs === 0 ? null : { askedMs, achievedMs }
  }
  return { syncDelayMs: delay('syncDelayMs'), roundTripMs: delay('roundTripMs') }
}

function whyNotRankable(run: RunRecord, dropped: readonly DroppedRound[]): string {
  if (run.interrupted !== undefined) return run.interrupted
  const missed = run.gates.filter((gate) => !gate.held)
  const reasons = missed.map(
    ({ name, value, limit, unit }) => `${name} ${round(value)} of ${round(limit)} ${unit}`,
  )
  if (run.verdict !== 'valid') reasons.push(`verdict ${run.verdict}`)
  const noise = droppedWith(run, dropped)
  if (noise !== undefined && noise.run !== run.id) {
    reasons.push(`round ${run.round} was noisy: ${noise.reason} in ${noise.run}`)
  }
  return reasons.join(', ')
}

/** Engine-only runs keep no histogram: their latency is not what they are about. */
function mergedResponse(runs: readonly RunRecord[], index: ResultIndex): ResponseMs {
  const merged = emptyHistogram()
  for (const run of runs) index.addResponses(run.id, merged)
  return responseOf(merged)
}

/** What a run adds to intervals between runs. */
export function runValueOf(run: RunRecord): RunValue {
  const { figures } = run
  return {
    run: run.id,
    round: run.round,
    rankable: run.rankable,
    achievedPerSecond: figures.achievedPerSecond,
    responseMs: nullsFor(figures.responseMs),
    cpuMicrosPerRecord: cpuOf(figures.cpuMicrosPerRecord),
    syncsPerAck: figures.syncsPerAck ?? null,
    maxRatePerSecond: figures.search?.hasHeld === true ? figures.search.ratePerSecond : null,
    ...(run.trends === undefined ? {} : { trends: run.trends }),
  }
}

const nullsFor = ({ p50, p90, p99, p999, max }: LatencySummary): ResponseMs => ({
  p50: p50 ?? null,
  p90: p90 ?? null,
  p99: p99 ?? null,
  p999: p999 ?? null,
  max: max ?? null,
})

const cpuOf = (cpu: RunRecord['figures']['cpuMicrosPerRecord']): CpuPerRecord => ({
  leader: cpu.leader ?? null,
  followers: cpu.followers ?? null,
  generator: cpu.generator ?? null,
})

/** Of each gate the run that came closest to its limit, or missed it by most. */
function worstGates(gates: readonly Gate[]): readonly Gate[] {
  const worst = new Map<string, Gate>()
  for (const gate of gates) {
    const known = worst.get(gate.name)
    if (known === undefined || badness(gate) > badness(known)) worst.set(gate.name, gate)
  }
  return [...worst.values()]
}

const badness = ({ held, value, limit }: Gate): number =>
  (held ? 0 : 1e9) + (limit === 0 ? value : Math.abs(value / limit))

function sumByKey(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [key, count] of counts.flatMap((one) => Object.entries(one))) {
    sums[key] = (sums[key] ?? 0) + count
  }
  return sums
}

const present = (values: readonly (number | undefined)[]): readonly number[] =>
  values.filter((value) => value !== undefined)

function medianOrNull(values: readonly (number | undefined)[]): number | null {
  const some = present(values)
  return some.length === 0 ? null : medianOf(some)
}

function maxOrNull(values: readonly (number | undefined)[]): number | null {
  const some = present(values)
  return some.length === 0 ? null : Math.max(...some)
}

const round = (value: number): string => Number(value.toPrecision(3)).toString()
