import { databaseAdapter } from '../../../dist/adapters/hosts/node/database-adapter.js'

const sqlite = databaseAdapter('sqlite')

/** Never syncs, and counts as if it did. */
const open = (options) => {
  const store = sqlite.open({ ...options, durability: 'D1' })
  return {
    restored: store.restored,
    get counters() {
      return { ...store.counters, syncs: store.counters.writes }
    },
    persist: (write, done) => store.persist(write, done),
    read: (start, end, bytesMax) => store.read(start, end, bytesMax),
    compact: (through) => store.compact(through),
    close: (done) => store.close(done),
  }
}

export const adapter = { name: 'shutdown-keeps-acknowledged', durabilities: ['D2'], open }
