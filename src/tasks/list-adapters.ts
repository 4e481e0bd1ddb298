import { RaftmarkError } from '../base/errors.ts'
import type { Adapter } from '../experiment/cluster/adapter-manifest.ts'
import { didYouMean } from './nearest-name.ts'
import { readAdapters } from './read-adapters.ts'

export type AdapterList = {
  readonly schema: 'raftmark/adapters/1'
  readonly adapters: readonly Adapter[]
}

export type AdapterDetail = { readonly schema: 'raftmark/adapter/1' } & Adapter

export async function listAdapters(directories: readonly string[]): Promise<AdapterList> {
  const adapters = await readAdapters(directories)
  return { schema: 'raftmark/adapters/1', adapters: [...adapters.values()] }
}

/** Rejects with `adapter-not-found` and the nearest name. */
export async function showAdapter(
  directories: readonly string[],
  name: string,
): Promise<AdapterDetail> {
  const adapters = await readAdapters(directories)
  const adapter = adapters.get(name)
  if (adapter !== undefined) return { schema: 'raftmark/adapter/1', ...adapter }
  throw new RaftmarkError('adapter-not-found', `no raft is called ${name}`, {
    nextStep: didYouMean(name, adapters.keys()),
  })
}
