import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { Adapter, StoreFolder } from '../experiment/cluster/adapter-manifest.ts'
import { packageRoot } from '../os/package-root.ts'
import { isStore, readAdapter } from './read-adapter.ts'

/** What can be measured, by name. */
export type Adapters = {
  readonly rafts: ReadonlyMap<string, Adapter>
  readonly stores: ReadonlyMap<string, StoreFolder>
}

/**
 * The shipped ones and those of the folders given; a given one comes before a shipped one of its
 * name. Rejects with `adapter-invalid` or `adapter-not-found`.
 */
export async function readAdapters(directories: readonly string[]): Promise<Adapters> {
  const shipped = await Promise.all(
    ['raft', 'store'].map((kind) => foldersIn(join(packageRoot, 'adapters', kind))),
  )
  const given = directories.map((directory) => resolve(directory))
  const all = await Promise.all([...shipped.flat(), ...given].map((folder) => readAdapter(folder)))
  return {
    rafts: byName(all.filter((each): each is Adapter => !isStore(each))),
    stores: byName(all.filter(isStore)),
  }
}

const byName = <T extends Adapter | StoreFolder>(adapters: readonly T[]): ReadonlyMap<string, T> =>
  new Map(adapters.map((adapter) => [adapter.manifest.name, adapter]))

async function foldersIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw new RaftmarkError('directory-unusable', 'the shipped adapters cannot be read', {
      nextStep: 'install raftmark again',
      place: { file: directory },
      cause,
    })
  })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(directory, entry.name))
    .sort()
}
