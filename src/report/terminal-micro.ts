import type {
  MicroComparison,
  MicroFigures,
  MicroRecord,
} from '../judgement/history/micro-record.ts'

/** All tasks, engine by engine; then warnings, and what changed since the last time. */
export function renderMicro(
  { engines }: MicroRecord,
  before: MicroComparison | null,
): readonly string[] {
  const tasks = engines.flatMap(({ engine, tasks: measured }) => [
    engine,
    ...measured.map((task) => lineOf(task)),
  ])
  const warnings = engines.flatMap(({ engine, tasks: measured }) =>
    measured.flatMap(({ task, warnings: found }) =>
      found.map((warning) => `warning: ${engine}, ${task}: ${warning}`),
    ),
  )
  return [...tasks, ...warnings, ...changesOf(before)]
}

const TASK_COLUMNS = 40
const TIME_COLUMNS = 8

function lineOf({ task, p50Ns, p99Ns, marginPercent }: MicroFigures): string {
  const p50 = timeOf(p50Ns).padStart(TIME_COLUMNS)
  const p99 = timeOf(p99Ns).padStart(TIME_COLUMNS)
  const margin = `± ${marginPercent.toFixed(1)} %`.padStart(TIME_COLUMNS)
  return `  ${task.padEnd(TASK_COLUMNS)} p50 ${p50}  p99 ${p99} ${margin}`
}

function changesOf(before: MicroComparison | null): readonly string[] {
  if (before === null) return ['Nothing earlier to compare with.']
  const { takenAt, different, changes } = before
  if (different !== undefined) return [`Not compared with ${takenAt}: ${different}.`]
  const found = changes.filter(({ verdict }) => verdict !== 'alike')
  const head = `Against ${takenAt}: ${found.length} of ${changes.length} medians differ.`
  return [
    head,
    ...found.map(
      ({ engine, task, ratio, verdict }) =>
        `  ${verdict.padEnd(7)} × ${ratio.toFixed(2)}  ${engine}, ${task}`,
    ),
  ]
}

const NS_PER_US = 1e3
const NS_PER_MS = 1e6

function timeOf(ns: number): string {
  if (ns < NS_PER_US) return `${ns.toFixed(ns < 10 ? 1 : 0)} ns`
  if (ns < NS_PER_MS) return `${(ns / NS_PER_US).toPrecision(3)} µs`
  return `${(ns / NS_PER_MS).toPrecision(3)} ms`
}
