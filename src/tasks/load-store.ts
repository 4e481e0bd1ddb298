import { join, relative } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { StoreFolder } from '../experiment/cluster/adapter-manifest.ts'
import { importModule, isCompiled } from '../os/import-module.ts'
import { packageRoot } from '../os/package-root.ts'
import type { StoreAdapter } from '../replica/store/store.ts'
import { storeAdapterOf } from '../replica/store/store-module.ts'

/** The file that is imported for a store: of a shipped one, what was compiled from its own. */
export function storeModuleOf({ directory, manifest }: StoreFolder): string {
  const within = relative(packageRoot, directory)
  const isShipped = /^adapters[\\/]store[\\/]/.test(within)
  if (!isShipped || !isCompiled) return join(directory, manifest.module)
  return join(packageRoot, 'dist', within, manifest.module.replace(/ts$/, 'js'))
}

/**
 * Imports a store's module. Rejects with RaftmarkError `adapter-invalid` when it cannot be
 * imported, exports no store, or another one than its adapter.json says.
 */
export async function loadStore(folder: StoreFolder): Promise<StoreAdapter> {
  const path = storeModuleOf(folder)
  const module = await importModule(path).catch((cause: unknown) => {
    throw invalid(path, `cannot be imported: ${firstLineOf(cause)}`, nextStepFor(path), cause)
  })
  const adapter = storeAdapterOf(module, path)
  const { name, claims } = folder.manifest
  if (adapter.name !== name) {
    const found = `exports the store ${adapter.name}, and its adapter.json says ${name}`
    throw invalid(path, found, 'Give both the same name.')
  }
  if (adapter.durabilities.join() !== claims.durability.join()) {
    const [offered, claimed] = [adapter.durabilities, claims.durability].map((all) =>
      all.join(', '),
    )
    const found = `offers ${offered}, claimed are ${claimed}`
    throw invalid(path, found, 'Write the same into claims.durability, in the same order.')
  }
  return adapter
}

const firstLineOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0] ?? ''

function nextStepFor(path: string): string {
  if (!path.endsWith('ts')) return 'Make "node FILE" run without an error.'
  const { version } = process
  return `Node.js ${version} may not read TypeScript: compile it, and name the .js file as module.`
}

const invalid = (path: string, found: string, nextStep: string, cause?: unknown): RaftmarkError =>
  new RaftmarkError('adapter-invalid', `${path} ${found}`, {
    nextStep,
    place: { file: path },
    cause,
  })
