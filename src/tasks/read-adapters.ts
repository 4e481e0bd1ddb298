import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { Adapter } from '../experiment/cluster/adapter-manifest.ts'
import { packageRoot } from '../os/package-root.ts'
import { readAdapter } from './read-adapter.ts'

/**
 * The shipped rafts and those of the folders given, by name; a given one comes
 * before a shipped one of its name. Rejects with `adapter-invalid` or `adapter-not-found`.
 */
export async function readAdapters(
  directories: readonly string[],
): Promise<ReadonlyMap<string, Adapter>> {
  const shipped = await foldersIn(join(packageRoot, 'adapters', 'raft'))
  const given = directories.map((directory) => resolve(directory))
  const adapters = await Promise.all([...shipped, ...given].map((folder) => readAdapter(folder)))
  const rafts = adapters.filter(({ manifest }) => manifest.kind === 'raft')
  return new Map(rafts.map((adapter) => [adapter.manifest.name, adapter]))
}

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
