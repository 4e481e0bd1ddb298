import { limited, serveMap } from '../../hosts/node/serve-map.mjs'

serveMap(async ({ path, isSynced }) => {
  const { default: Database } = await import('better-sqlite3')
  const database = new Database(`${path}/log.db`)
  database.pragma('locking_mode = EXCLUSIVE')
  database.pragma('journal_mode = WAL')
  database.pragma(`synchronous = ${isSynced ? 'FULL' : 'OFF'}`)
  database.exec(
    `CREATE TABLE IF NOT EXISTS entry (log_index INTEGER PRIMARY KEY, row BLOB NOT NULL);
     CREATE TABLE IF NOT EXISTS state (only INTEGER PRIMARY KEY CHECK (only = 1), row BLOB NOT NULL)`,
  )
  const getState = database.prepare('SELECT row FROM state').pluck()
  const setState = database.prepare('REPLACE INTO state VALUES (1, ?)')
  const getRows = database
    .prepare('SELECT row FROM entry WHERE log_index >= ? AND log_index < ? ORDER BY log_index')
    .pluck()
  const put = database.prepare('REPLACE INTO entry VALUES (?, ?)')
  const remove = database.prepare('DELETE FROM entry WHERE log_index >= ? AND log_index < ?')
  return {
    state: () => getState.get(),
    rows: (start, end, bytesMax) => limited(getRows.iterate(start, end), bytesMax),
    commit: database.transaction((change) => {
      if (change.compactStart < change.compactEnd)
        remove.run(change.compactStart, change.compactEnd)
      if (change.deleteStart < change.deleteEnd) remove.run(change.deleteStart, change.deleteEnd)
      for (const [nth, row] of change.rows.entries()) put.run(change.firstIndex + nth, row)
      setState.run(change.state)
    }),
    close: () => database.close(),
  }
})
