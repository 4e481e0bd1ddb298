import { goneWith, limited, serveMap } from '../../hosts/node/serve-map.mjs'

/** Entries have their index, from 1; big-endian, so that the order of bytes is theirs. */
const STATE_KEY = keyOf(0)

serveMap(async ({ path, isSynced }) => {
  const { ClassicLevel } = await import('classic-level')
  const database = new ClassicLevel(path, { keyEncoding: 'view', valueEncoding: 'view' })
  await database.open()
  return {
    state: () => database.get(STATE_KEY),
    rows: (start, end, bytesMax) => rowsOf(database, start, end, bytesMax),
    commit: (change) => {
      const operations = [{ type: 'put', key: STATE_KEY, value: change.state }]
      for (const index of goneWith(change)) operations.push({ type: 'del', key: keyOf(index) })
      for (const [nth, value] of change.rows.entries()) {
        operations.push({ type: 'put', key: keyOf(change.firstIndex + nth), value })
      }
      return database.batch(operations, { sync: isSynced })
    },
    close: () => database.close(),
  }
})

async function rowsOf(database, start, end, bytesMax) {
  const rows = []
  let bytes = 0
  for await (const row of database.values({ gte: keyOf(start), lt: keyOf(end) })) {
    rows.push(row)
    bytes += row.length
    if (bytes > bytesMax) break
  }
  return limited(rows, bytesMax)
}

function keyOf(index) {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setBigUint64(0, BigInt(index))
  return key
}
