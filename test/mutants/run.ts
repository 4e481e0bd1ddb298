import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from './bundle.ts'
import { describeProcess, type ProcessResult, tryInProcesses } from './process/try-in-processes.ts'
import { type Outcome, pursue } from './pursue.ts'
import { type Row, usualScenarios } from './row.ts'
import { rows } from './rows.ts'
import { describe, type Fate, IN_PROCESSES, type Result, shortfalls } from './verdict.ts'

/** Seeds of each scenario in which a mutant is looked for, and the control with it. */
const SEEDS = 400
const NICE = 10

const { values } = parseArgs({
  options: {
    row: { type: 'string', multiple: true, default: [] },
    seeds: { type: 'string', default: String(SEEDS) },
    scenario: { type: 'string', multiple: true, default: [] },
    workers: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
  },
})

const seeds = Number(values.seeds)
const wanted = values.row.map(Number)
const chosen = wanted.length === 0 ? rows : rows.filter(({ number }) => wanted.includes(number))
setPriority(NICE)
const folder = mkdtempSync(join(tmpdir(), 'raftmark-mutants-'))
try {
  await main()
} finally {
  rmSync(folder, { recursive: true })
}

async function main(): Promise<void> {
  // First, and alone: what runs in processes depends on real time.
  const seen = await tryInProcesses(chosen, (result) => {
    if (!values.json) process.stdout.write(`${describeProcess(result)}\n`)
  })
  const results: Result[] = []
  let control: Outcome = { runs: 0, found: undefined }
  const jobs = chosen.map((row) => async () => {
    const result = withProcesses(await tried(row), seen)
    results.push(result)
    if (!values.json) process.stdout.write(`${describe(result)}\n`)
  })
  if (wanted.length === 0) {
    jobs.push(async () => {
      control = await unmutated()
    })
  }
  await inTurn(jobs, Number(values.workers))
  results.sort((a, b) => a.row.number - b.row.number)
  const missing = [
    ...(wanted.length === 0 ? shortfalls(results, control.found) : unseen(results)),
    ...seen.filter(isFalse).map(describeProcess),
  ]
  tell(results, control, missing, seen)
  process.exitCode = missing.length === 0 ? 0 : 1
}

/** What trials in processes see in the sources as they are. */
function isFalse({ row, seen }: ProcessResult): boolean {
  return row === 0 && seen !== undefined
}

/** A bug that the simulator missed is caught if processes showed it. */
function withProcesses(result: Result, seen: readonly ProcessResult[]): Result {
  const shown = seen.find(({ row, seen }) => row === result.row.number && seen !== undefined)
  if (result.fate !== 'missed' || shown?.seen === undefined) return result
  const found = { check: IN_PROCESSES, explanation: shown.seen, scenario: shown.trial, seed: 0 }
  return { ...result, fate: 'caught', found }
}

function unseen(results: readonly Result[]): string[] {
  const missed = results.filter(({ fate }) => fate === 'missed')
  return missed.map(({ row }) => `row ${row.number} is missed`)
}

function scenariosOf(row: Row): readonly string[] {
  if (values.scenario.length > 0) return values.scenario
  const own = row.kind === 'mutation' ? row.scenarios : undefined
  return [...(own ?? []), ...usualScenarios]
}

async function tried(row: Row): Promise<Result> {
  if (row.kind !== 'mutation') return { row, fate: row.kind, runs: 0, found: undefined }
  const program = join(folder, `${row.number}.mjs`)
  await bundle(row.changes, program)
  const outcome = await pursue(program, { scenarios: scenariosOf(row), seeds })
  const isSeen = outcome.found !== undefined && row.checks.includes(outcome.found.check)
  return { row, fate: isSeen ? 'caught' : 'missed', ...outcome }
}

/** The same scenarios and seeds on our sources as they are: whatever they find is false. */
async function unmutated(): Promise<Outcome> {
  const program = join(folder, 'control.mjs')
  await bundle([], program)
  const scenarios = [...new Set(rows.flatMap(scenariosOf))]
  return pursue(program, { scenarios, seeds })
}

/** So many at a time, each as soon as one is done. */
async function inTurn(jobs: readonly (() => Promise<void>)[], workers: number): Promise<void> {
  const queue = [...jobs].reverse()
  const work = async (): Promise<void> => {
    for (let job = queue.pop(); job !== undefined; job = queue.pop()) await job()
  }
  await Promise.all(Array.from({ length: workers }, work))
}

function tell(
  results: readonly Result[],
  control: Outcome,
  missing: readonly string[],
  processes: readonly ProcessResult[],
): void {
  if (values.json) {
    const lines = results.map(({ row, fate, runs, found }) => ({
      row: row.number,
      name: row.name,
      family: row.family,
      fate,
      runs,
      ...(found === undefined ? {} : found),
      ...(row.kind === 'mutation' ? { mask: row.mask } : { why: row.why }),
    }))
    const shared = { schema: 'raftmark/mutants/1', rows: lines, processes, control }
    const document = { ...shared, shortfalls: missing }
    process.stdout.write(`${JSON.stringify(document, undefined, 1)}\n`)
    return
  }
  const count = (fate: Fate): number => results.filter((one) => one.fate === fate).length
  process.stdout.write(
    `\n${count('caught')} caught, ${count('missed')} missed, ${count('equivalent')} equivalent, ` +
      `${count('not-yet-possible')} not yet possible; control: ${control.runs} runs, ` +
      `${control.found === undefined ? 'nothing found' : `FAILED ${control.found.check}`}\n`,
  )
  for (const one of missing) process.stdout.write(`${one}\n`)
}
