import { goneWith, limited, serveMap } from '../../hosts/node/serve-map.mjs'

const STATE_KEY = 0

serveMap(async ({ path, isSynced }) => {
  const { open } = await import('lmdb')
  const database = open({
    path,
    encoding: 'binary',
    // With it a transaction returns before it is synced.
    overlappingSync: false,
    noSync: !isSynced,
  })
  return {
    state: () => copyOf(database.get(STATE_KEY)),
    rows: (start, end, bytesMax) =>
      limited(
        database.getRange({ start, end }).map(({ value }) => value),
        bytesMax,
      ),
    commit: (change) =>
      database.transactionSync(() => {
        for (const index of goneWith(change)) database.removeSync(index)
        for (const [nth, row] of change.rows.entries()) {
          database.putSync(
            change.firstIndex + nth,
            Buffer.from(row.buffer, row.byteOffset, row.length),
          )
        }
        database.putSync(STATE_KEY, Buffer.from(change.state))
      }),
    close: () => database.close(),
  }
})

/** What LMDB returns is valid until its next call only. */
function copyOf(bytes) {
  return bytes === undefined ? undefined : Uint8Array.from(bytes)
}
