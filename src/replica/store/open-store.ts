import { RaftmarkError } from '../../base/errors.ts'
import { DelayedStore } from './delayed-store.ts'
import type { Store, StoreAdapter, StoreOptions } from './store.ts'

/** Opens a store at a durability that it offers, with the delay around it that was asked for. */
export function openStore(adapter: StoreAdapter, options: StoreOptions): Store {
  const { durability, syncDelayNs, clock } = options
  if (!adapter.durabilities.includes(durability)) {
    throw new RaftmarkError(
      'subject-invalid',
      `the store ${adapter.name} does not offer durability ${durability}`,
      { nextStep: `Choose one of ${adapter.durabilities.join(', ')}, or another store.` },
    )
  }
  const store = adapter.open(options)
  if (syncDelayNs === 0) return store
  return new DelayedStore(store, { clock, delayNs: syncDelayNs, isShared: durability !== 'D3' })
}
