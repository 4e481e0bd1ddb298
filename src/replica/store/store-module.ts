import { RaftmarkError } from '../../base/errors.ts'
import type { StoreAdapter } from './store.ts'

/**
 * What a module of the file `path` exports as `adapter`. Throws RaftmarkError `adapter-invalid`
 * when that is no StoreAdapter.
 */
export function storeAdapterOf(
  module: Readonly<Record<string, unknown>>,
  path: string,
): StoreAdapter {
  const adapter = module['adapter'] as Partial<StoreAdapter> | undefined
  const fault = faultOf(adapter)
  if (fault === undefined) return adapter as StoreAdapter
  throw new RaftmarkError('adapter-invalid', `${path} ${fault}`, {
    nextStep: 'Export `adapter`, a StoreAdapter of raftmark/adapter: see docs/STORES.md.',
    place: { file: path },
  })
}

function faultOf(adapter: Partial<StoreAdapter> | undefined): string | undefined {
  if (typeof adapter !== 'object' || adapter === null) return 'exports no `adapter`'
  if (typeof adapter.name !== 'string') return 'exports an adapter without a name'
  if (typeof adapter.open !== 'function') return 'exports an adapter without open()'
  const { durabilities } = adapter
  const isList = Array.isArray(durabilities) && durabilities.length > 0
  return isList ? undefined : 'exports an adapter that offers no durability'
}
