/** Nanoseconds of one operation, over the samples of one process. */
export type MicroFigures = {
  readonly task: string
  /** Operations of one sample: short ones are timed many at a time. */
  readonly operations: number
  readonly samples: number
  readonly p50Ns: number
  readonly p99Ns: number
  readonly meanNs: number
  /** Half the 95 % interval of the mean, in percent of it: of this process alone. */
  readonly marginPercent: number
  /** What tinybench warns of, in its words and ours. */
  readonly warnings: readonly string[]
}

/** What one process measured: an engine is a part of the product, or one store. */
export type MicroEngineFigures = {
  readonly engine: string
  readonly tasks: readonly MicroFigures[]
}

/** What `raftmark micro` keeps in the results folder. */
export type MicroRecord = {
  readonly schema: 'raftmark/micro/1'
  readonly takenAt: string
  readonly machine: {
    readonly cpuModel: string
    readonly nodeVersion: string
    readonly fileSystemType: string
  }
  readonly engines: readonly MicroEngineFigures[]
}

export type MicroChange = {
  readonly engine: string
  readonly task: string
  /** Median now ÷ median before. */
  readonly ratio: number
  readonly verdict: 'slower' | 'faster' | 'alike'
}

/** Against the last one that was kept. */
export type MicroComparison = {
  readonly takenAt: string
  /** Why the two cannot be compared; then nothing is. */
  readonly different: string | undefined
  readonly changes: readonly MicroChange[]
}

/**
 * Smaller ratios are what two processes of the same code show, since each compiles its code and
 * lays out its memory anew (Georges et al., OOPSLA'07; measured here: docs/METHOD.md).
 */
const ALIKE_RATIO_MAX = 1.25

/** The medians of the tasks that both have. */
export function compareMicro(now: MicroRecord, before: MicroRecord): MicroComparison {
  const { takenAt } = before
  const different = differenceOf(now.machine, before.machine)
  if (different !== undefined) return { takenAt, different, changes: [] }
  const earlier = new Map(rowsOf(before).map((row) => [`${row.engine} ${row.task}`, row.p50Ns]))
  const changes = rowsOf(now).flatMap(({ engine, task, p50Ns }) => {
    const beforeNs = earlier.get(`${engine} ${task}`)
    if (beforeNs === undefined || beforeNs === 0) return []
    const ratio = p50Ns / beforeNs
    return [{ engine, task, ratio, verdict: verdictOf(ratio) }]
  })
  return { takenAt, different: undefined, changes }
}

function verdictOf(ratio: number): MicroChange['verdict'] {
  if (ratio > ALIKE_RATIO_MAX) return 'slower'
  return ratio < 1 / ALIKE_RATIO_MAX ? 'faster' : 'alike'
}

function differenceOf(
  now: MicroRecord['machine'],
  before: MicroRecord['machine'],
): string | undefined {
  const keys = ['cpuModel', 'nodeVersion', 'fileSystemType'] as const
  const key = keys.find((each) => now[each] !== before[each])
  return key === undefined ? undefined : `${key} was ${before[key]} and is ${now[key]}`
}

const rowsOf = ({ engines }: MicroRecord) =>
  engines.flatMap(({ engine, tasks }) => tasks.map((task) => ({ engine, ...task })))
