import type { StoreAdapter } from 'raftmark/adapter'
import { adapter as leveldb } from '../../adapters/store/leveldb/index.ts'
import { adapter as lmdb } from '../../adapters/store/lmdb/index.ts'
import { adapter as memory } from '../../adapters/store/memory/index.ts'
import { adapter as sqlite } from '../../adapters/store/sqlite/index.ts'
import { adapter as wal } from '../../adapters/store/wal/index.ts'
import { RaftmarkError } from '../base/errors.ts'
import type { Durability } from '../contract/durability.ts'

/** The stores that this program can open, by name. */
const stores: readonly StoreAdapter[] = [memory, wal, sqlite, leveldb, lmdb]

const storeNames: readonly string[] = stores.map(({ name }) => name)

/** Throws RaftmarkError `subject-invalid` when there is none, or it cannot keep `durability`. */
export function storeNamed(name: string, durability: Durability): StoreAdapter {
  const store = stores.find((each) => each.name === name)
  if (store === undefined) {
    throw new RaftmarkError('subject-invalid', `there is no store ${name}`, {
      nextStep: `Choose one of: ${storeNames.join(', ')}.`,
    })
  }
  if (!store.durabilities.includes(durability)) {
    throw new RaftmarkError('subject-invalid', `store ${name} cannot keep ${durability}`, {
      nextStep: `Choose one of: ${store.durabilities.join(', ')}.`,
    })
  }
  return store
}
