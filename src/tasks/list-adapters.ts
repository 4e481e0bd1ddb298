import { RaftmarkError } from '../base/errors.ts'
import type { Adapter, StoreFolder } from '../experiment/cluster/adapter-manifest.ts'
import { didYouMean } from './nearest-name.ts'
import { type Adapters, readAdapters } from './read-adapters.ts'

export type AdapterList = {
  readonly schema: 'raftmark/adapters/1'
  /** The rafts. */
  readonly adapters: readonly Adapter[]
  readonly stores: readonly StoreFolder[]
}

export type AdapterDetail = { readonly schema: 'raftmark/adapter/1' } & (Adapter | StoreFolder)

export async function listAdapters(directories: readonly string[]): Promise<AdapterList> {
  const { rafts, stores } = await readAdapters(directories)
  return {
    schema: 'raftmark/adapters/1',
    adapters: [...rafts.values()],
    stores: [...stores.values()],
  }
}

/** Rejects with `adapter-not-found` and the nearest name. */
export async function showAdapter(
  directories: readonly string[],
  name: string,
): Promise<AdapterDetail> {
  const adapter = adapterNamed(await readAdapters(directories), name)
  return { schema: 'raftmark/adapter/1', ...adapter }
}

/** The store NAME of `store/NAME`; otherwise the raft of that name, or else the store. */
export function adapterNamed({ rafts, stores }: Adapters, name: string): Adapter | StoreFolder {
  const store = /^store\/(?<store>.+)$/.exec(name)?.groups?.['store']
  const found = store === undefined ? (rafts.get(name) ?? stores.get(name)) : stores.get(store)
  if (found !== undefined) return found
  if (store !== undefined) {
    throw new RaftmarkError('adapter-not-found', `no store is called ${store}`, {
      nextStep: didYouMean(store, stores.keys()),
    })
  }
  throw new RaftmarkError('adapter-not-found', `no raft is called ${name}`, {
    nextStep: didYouMean(name, rafts.keys()),
  })
}
