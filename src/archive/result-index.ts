import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import {
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'
import { RaftmarkError } from '../base/errors.ts'
import type { ExperimentPlan } from '../judgement/history/experiment-record.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import type { Archive, Damaged } from './archive.ts'
import { databaseError, openDatabase, removeDatabase } from './open-database.ts'
import { addResponses, emptyHistogram } from './read-histogram.ts'

export type ExperimentRow = {
  readonly id: string
  readonly name: string
  readonly startedAt: string
  readonly subjects: readonly string[]
  readonly runsDone: number
  readonly runsPlanned: number
}

/** What was saved, read through an index that is brought up to the folders when it is opened. */
export interface ResultIndex {
  /** Folders that could not be read. */
  readonly damaged: readonly Damaged[]
  /** Oldest first. */
  experiments(): readonly ExperimentRow[]
  experimentIds(): readonly string[]
  /** Throws `result-not-found`. */
  plan(experiment: string): ExperimentPlan
  /** In the order of their ids. */
  runsOf(experiment: string): readonly RunRecord[]
  /** Of all experiments, oldest first. */
  runsOfCell(subject: string, workload: string): readonly RunRecord[]
  run(id: string): RunRecord | undefined
  /** Adds the run's response times; nothing for a run that has none. */
  addResponses(run: string, into: Histogram): void
  close(): void
}

const fileIn = (archive: Archive): string => join(archive.directory, 'raftmark.db')

/** Where nothing was saved yet, nothing is made: the index then lives in memory. */
export function openResultIndex(archive: Archive): ResultIndex {
  const hasResults = existsSync(join(archive.directory, 'experiments'))
  const database = openDatabase(hasResults ? fileIn(archive) : ':memory:')
  try {
    // Immediate: one that begins by reading cannot wait for a writer, and fails at once.
    const damaged = database.transaction(() => catchUp(database, archive)).immediate()
    return new SqliteIndex(database, damaged)
  } catch (error) {
    database.close()
    throw databaseError(error, fileIn(archive))
  }
}

/** Forgets the index and makes it anew from the folders. */
export function rebuildResultIndex(archive: Archive): ResultIndex {
  removeDatabase(fileIn(archive))
  return openResultIndex(archive)
}

/** Adds what is new, removes what is gone, reads interrupted runs again: they may have gone on. */
function catchUp(database: Database, archive: Archive): readonly Damaged[] {
  return [
    ...catchUpTable(database, 'experiment', archive.experimentIds(), (id) =>
      addExperiment(database, archive.readPlan(id)),
    ),
    ...catchUpTable(database, 'run', archive.runIds(), (id) => {
      // A run in flight has a folder and no run.json yet.
      if (archive.hasRun(id)) addRun(database, archive, archive.readRun(id))
    }),
  ]
}

function catchUpTable(
  database: Database,
  table: 'experiment' | 'run',
  inFolders: readonly string[],
  add: (id: string) => void,
): readonly Damaged[] {
  const settled = table === 'run' ? 'WHERE interrupted = 0' : ''
  const known = new Set(ids(database, `SELECT id FROM ${table} ${settled}`))
  const there = new Set(inFolders)
  const gone = database.prepare(`DELETE FROM ${table} WHERE id = ?`)
  for (const id of ids(database, `SELECT id FROM ${table}`)) if (!there.has(id)) gone.run(id)
  const damaged: Damaged[] = []
  for (const id of inFolders) {
    if (known.has(id)) continue
    try {
      add(id)
    } catch (error) {
      if (!(error instanceof RaftmarkError)) throw error
      damaged.push({ id, reason: error.message })
    }
  }
  return damaged
}

const ids = (database: Database, sql: string): readonly string[] =>
  database.prepare(sql).pluck().all() as string[]

function addExperiment(database: Database, plan: ExperimentPlan): void {
  database
    .prepare('INSERT OR REPLACE INTO experiment (id, name, started_at, plan) VALUES (?, ?, ?, ?)')
    .run(plan.id, plan.name, plan.startedAt, JSON.stringify(plan))
}

function addRun(database: Database, archive: Archive, record: RunRecord): void {
  const columns =
    'id, experiment, round, workload, subject, verdict, rankable, interrupted, record, responses'
  database
    .prepare(`INSERT OR REPLACE INTO run (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(
      record.id,
      record.experiment,
      record.round,
      record.workload,
      record.subject,
      record.verdict,
      record.rankable ? 1 : 0,
      record.interrupted === undefined ? 0 : 1,
      JSON.stringify(record),
      responsesOf(archive, record),
    )
}

/** Engine-only runs record no latency. */
function responsesOf(archive: Archive, record: RunRecord): string | null {
  if (record.placement === 'in-process') return null
  const merged = emptyHistogram()
  addResponses(archive.runDirectory(record.id), merged)
  return encodeIntoCompressedBase64(merged)
}

class SqliteIndex implements ResultIndex {
  readonly damaged: readonly Damaged[]
  readonly #database: Database

  constructor(database: Database, damaged: readonly Damaged[]) {
    this.#database = database
    this.damaged = damaged
  }

  experiments(): readonly ExperimentRow[] {
    const counts = this.#database
      .prepare('SELECT experiment, COUNT(*) FROM run GROUP BY experiment')
      .raw()
      .all() as [string, number][]
    const done = new Map(counts)
    return ids(this.#database, 'SELECT plan FROM experiment ORDER BY id').map((text) => {
      const { id, name, startedAt, subjects, runs } = JSON.parse(text) as ExperimentPlan
      const runsDone = done.get(id) ?? 0
      return { id, name, startedAt, subjects, runsDone, runsPlanned: runs.length }
    })
  }

  experimentIds(): readonly string[] {
    return ids(this.#database, 'SELECT id FROM experiment ORDER BY id')
  }

  plan(experiment: string): ExperimentPlan {
    const text = this.#text('SELECT plan FROM experiment WHERE id = ?', experiment)
    if (text !== undefined) return JSON.parse(text) as ExperimentPlan
    throw new RaftmarkError('result-not-found', `there is no experiment ${experiment}`, {
      nextStep: 'see what there is with: raftmark results list',
    })
  }

  runsOf(experiment: string): readonly RunRecord[] {
    return this.#records('SELECT record FROM run WHERE experiment = ? ORDER BY id', experiment)
  }

  runsOfCell(subject: string, workload: string): readonly RunRecord[] {
    const sql = 'SELECT record FROM run WHERE subject = ? AND workload = ? ORDER BY id'
    return this.#records(sql, subject, workload)
  }

  run(id: string): RunRecord | undefined {
    const text = this.#text('SELECT record FROM run WHERE id = ?', id)
    return text === undefined ? undefined : (JSON.parse(text) as RunRecord)
  }

  addResponses(run: string, into: Histogram): void {
    const encoded = this.#text('SELECT responses FROM run WHERE id = ?', run)
    if (encoded !== undefined) into.add(decodeFromCompressedBase64(encoded, 32))
  }

  close(): void {
    this.#database.close()
  }

  #records(sql: string, ...values: readonly string[]): readonly RunRecord[] {
    const texts = this.#database
      .prepare(sql)
      .pluck()
      .all(...values) as string[]
    return texts.map((text) => JSON.parse(text) as RunRecord)
  }

  #text(sql: string, value: string): string | undefined {
    return (
      (this.#database.prepare(sql).pluck().get(value) as string | null | undefined) ?? undefined
    )
  }
}
