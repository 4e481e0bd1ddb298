import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { RaftmarkError } from '../base/errors.ts'

/** How long one command line waits while another one writes. */
const BUSY_MS = 10_000

/** Each makes the database one version newer; what stands here is never changed, only added to. */
const migrations: readonly string[] = [
  `CREATE TABLE experiment (
     id TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     started_at TEXT NOT NULL,
     plan TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE run (
     id TEXT PRIMARY KEY,
     experiment TEXT NOT NULL,
     round INTEGER NOT NULL,
     workload TEXT NOT NULL,
     subject TEXT NOT NULL,
     verdict TEXT NOT NULL,
     rankable INTEGER NOT NULL,
     interrupted INTEGER NOT NULL,
     record TEXT NOT NULL,
     responses TEXT
   ) STRICT;
   CREATE INDEX run_by_experiment ON run (experiment);
   CREATE INDEX run_by_cell ON run (subject, workload);`,
]

/**
 * Opens or makes the index of results, in WAL mode so that readers never wait. Throws
 * RaftmarkError `result-damaged` for what is no database of ours or a newer one.
 */
export function openDatabase(file: string): Database.Database {
  mkdirSync(dirname(file), { recursive: true })
  try {
    const database = new Database(file, { timeout: BUSY_MS })
    database.pragma('journal_mode = WAL')
    // A lost last transaction is made up for from the folders.
    database.pragma('synchronous = NORMAL')
    database.transaction(() => migrate(database, file)).immediate()
    return database
  } catch (error) {
    throw databaseError(error, file)
  }
}

/** What SQLite says, as a mistake with a way out; every other error as it is. */
export function databaseError(error: unknown, file: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  const isBusy = error.code.startsWith('SQLITE_BUSY')
  const reason = isBusy ? `another raftmark wrote in it for ${BUSY_MS / 1_000} s` : error.message
  return new RaftmarkError('result-damaged', `${file} cannot be used: ${reason}`, {
    nextStep: isBusy
      ? 'try again when the other one has ended'
      : 'make it anew from the folders with: raftmark results rebuild',
    place: { file },
    cause: error,
  })
}

/** Removes the index; the folders have all that was in it. */
export function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
}

function migrate(database: Database.Database, file: string): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > migrations.length) {
    const message = `${file} has version ${version}, and this raftmark knows ${migrations.length}`
    throw new RaftmarkError('result-damaged', message, {
      nextStep: 'use the newer raftmark, or make it anew with: raftmark results rebuild',
      place: { file },
    })
  }
  for (const migration of migrations.slice(version)) database.exec(migration)
  database.pragma(`user_version = ${migrations.length}`)
}
