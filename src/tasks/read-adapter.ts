import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { Adapter, StoreFolder } from '../experiment/cluster/adapter-manifest.ts'
import { packageRoot } from '../os/package-root.ts'
import { parseYaml } from './read-yaml.ts'
import { createSchemaCheck } from './schema-check.ts'

/**
 * Reads the `adapter.json` of a folder and holds it to `adapters/contract/adapter.schema.json`.
 * Rejects with RaftmarkError `adapter-not-found` or `adapter-invalid` with file, line and key.
 */
export async function readAdapter(directory: string): Promise<Adapter | StoreFolder> {
  const absolute = resolve(directory)
  const path = join(absolute, 'adapter.json')
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RaftmarkError('adapter-not-found', `${path} cannot be read`, {
      nextStep: 'Name the folder that holds the adapter.json.',
      place: { file: path },
      cause,
    })
  })
  const check = createSchemaCheck(await readSchema(), 'adapter-invalid')
  const file = parseYaml(path, text, 'adapter-invalid')
  return { directory: absolute, manifest: check(file) } as Adapter | StoreFolder
}

export const isStore = (adapter: Adapter | StoreFolder): adapter is StoreFolder =>
  adapter.manifest.kind === 'store'

async function readSchema(): Promise<object> {
  const path = join(packageRoot, 'adapters', 'contract', 'adapter.schema.json')
  return JSON.parse(await readFile(path, 'utf8'))
}
