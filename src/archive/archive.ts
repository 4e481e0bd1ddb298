import { accessSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { ExperimentPlan } from '../judgement/history/experiment-record.ts'
import type { LatencySeries } from '../judgement/history/latency-series.ts'
import type { PowerCutRecord } from '../judgement/history/power-cut-record.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import { ensureWritable, writeFileAtomic } from '../os/files.ts'

/** A saved file that cannot be used, and why: named, and never fatal to what else there is. */
export type Damaged = { readonly id: string; readonly reason: string }

/** Only the task that computes figures knows what is in it. */
export type CountersFile = { readonly schema: typeof COUNTERS_SCHEMA; readonly counters: unknown }

/**
 * What was saved under one folder of results: `runs/<id>/`, `experiments/<id>/`, `checks/<id>/`.
 */
export type Archive = {
  readonly directory: string
  /** Makes the run's folder; its id is in no use yet, or its run was cut short. */
  makeRunDirectory(id: string): string
  runDirectory(id: string): string
  /** Writes run.json whole or not at all: a run exists once it is there. */
  saveRun(record: RunRecord): Promise<void>
  savePlan(plan: ExperimentPlan): Promise<void>
  /** What a run's figures come from, beside its histograms: counters.json. */
  saveCounters(id: string, counters: CountersFile): Promise<void>
  /** Throws `result-not-found` for a run that keeps none, or `result-damaged`. */
  readCounters(id: string): CountersFile
  /** Writes checks/<id>/power-cut.json. */
  savePowerCut(record: PowerCutRecord): Promise<void>
  /** All that were saved and can be read, oldest first: a damaged one hides no other. */
  powerCuts(): readonly PowerCutRecord[]
  hasRun(id: string): boolean
  /** Throws `result-not-found` or `result-damaged`. */
  readRun(id: string): RunRecord
  readPlan(id: string): ExperimentPlan
  /** HdrHistogram's log format; undefined for a run that keeps none. */
  readHistogramLog(id: string): string | undefined
  /** Latency over time; undefined for a run that keeps none. Throws `result-damaged`. */
  readSeries(id: string): LatencySeries | undefined
  /** In order of their ids, which is the order in which they began. */
  experimentIds(): readonly string[]
  runIds(): readonly string[]
}

const RUN_SCHEMA = 'raftmark/run/1'
const COUNTERS_SCHEMA = 'raftmark/counters/1'
const SERIES_SCHEMA = 'raftmark/series/1'
const POWER_CUT_SCHEMA = 'raftmark/power-cut/1'
const PLAN_SCHEMA = 'raftmark/plan/1'

/** Opens a folder of results to read it; what is not there is empty. */
export function openArchive(directory: string): Archive {
  const runs = join(directory, 'runs')
  const experiments = join(directory, 'experiments')
  const runDirectory = (id: string) => join(runs, checkedId(id))
  const runFile = (id: string) => join(runDirectory(id), 'run.json')
  const checks = join(directory, 'checks')
  const powerCutFile = (id: string) => join(checks, checkedId(id), 'power-cut.json')
  const planFile = (id: string) => join(experiments, checkedId(id), 'experiment.json')
  return {
    directory,
    runDirectory,
    makeRunDirectory(id) {
      mkdirSync(runDirectory(id), { recursive: true })
      return runDirectory(id)
    },
    saveRun: (record) => writeWhole(runFile(record.id), record),
    async savePlan(plan) {
      mkdirSync(join(experiments, checkedId(plan.id)), { recursive: true })
      await writeWhole(planFile(plan.id), plan)
    },
    saveCounters: (id, counters) => writeWhole(join(runDirectory(id), 'counters.json'), counters),
    readCounters: (id) =>
      readDocument(
        join(runDirectory(id), 'counters.json'),
        COUNTERS_SCHEMA,
        `file of counters of run ${id}`,
      ) as CountersFile,
    async savePowerCut(record) {
      mkdirSync(join(checks, checkedId(record.id)), { recursive: true })
      await writeWhole(powerCutFile(record.id), record)
    },
    powerCuts: () =>
      folderNames(checks).flatMap((id) => {
        try {
          const document = readDocument(powerCutFile(id), POWER_CUT_SCHEMA, `power cut ${id}`)
          return [document as PowerCutRecord]
        } catch (error) {
          if (error instanceof RaftmarkError) return []
          throw error
        }
      }),
    hasRun: (id) => exists(runFile(id)),
    readRun: (id) => readDocument(runFile(id), RUN_SCHEMA, `run ${id}`) as RunRecord,
    readPlan: (id) => readDocument(planFile(id), PLAN_SCHEMA, `experiment ${id}`) as ExperimentPlan,
    readHistogramLog(id) {
      const file = join(runDirectory(id), 'histogram.hlog')
      return exists(file) ? readFileSync(file, 'utf8') : undefined
    },
    readSeries(id) {
      const file = join(runDirectory(id), 'series.json')
      if (!exists(file)) return undefined
      return readDocument(file, SERIES_SCHEMA, `series of run ${id}`) as LatencySeries
    },
    experimentIds: () => folderNames(experiments),
    runIds: () => folderNames(runs),
  }
}

/** Opens a folder of results to write in it. Rejects with `directory-unusable`. */
export async function openArchiveToWrite(directory: string): Promise<Archive> {
  await ensureWritable(join(directory, 'runs'))
  await ensureWritable(join(directory, 'experiments'))
  return openArchive(directory)
}

/** Ids come from the command line: one must not lead out of the folder. */
function checkedId(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id)) return id
  throw new RaftmarkError('result-not-found', `"${id}" is no id of a run or an experiment`, {
    nextStep: 'see the ids with: raftmark results list',
  })
}

const writeWhole = (file: string, document: unknown): Promise<void> =>
  writeFileAtomic(file, `${JSON.stringify(document, undefined, 2)}\n`)

function readDocument(file: string, schema: string, what: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new RaftmarkError('result-not-found', `there is no ${what}`, {
      nextStep: 'see what there is with: raftmark results list',
      place: { file },
      cause,
    })
  }
  const damaged = (reason: string, cause?: unknown) =>
    new RaftmarkError('result-damaged', `${what} is damaged: ${reason}`, {
      nextStep: 'move its folder away; other results are not touched by this',
      place: { file },
      cause,
    })
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw damaged(reasonOf(cause), cause)
  }
  const found = (document as { schema?: unknown } | null)?.schema
  if (found !== schema) throw damaged(`its schema is ${JSON.stringify(found)}, not ${schema}`)
  return document
}

function exists(file: string): boolean {
  try {
    accessSync(file)
    return true
  } catch {
    return false
  }
}

function folderNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new RaftmarkError('directory-unusable', `results cannot be read from ${directory}`, {
      nextStep: 'choose another folder with --results DIR',
      place: { file: directory },
      cause: error,
    })
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : `${error}`)
