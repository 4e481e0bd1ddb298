import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Adapter, StoreFolder } from '../experiment/cluster/adapter-manifest.ts'
import { isStore } from './read-adapter.ts'

/** What builds put beside their sources. */
const NOT_SOURCES = new Set(['target', 'node_modules', '.git'])

/** SHA-256 over names and contents of all that an adapter is built from. */
export function sourcesHash({ directory, manifest }: Adapter): string {
  const hash = createHash('sha256').update(JSON.stringify(manifest.build ?? []))
  for (const source of ['.', ...(manifest.sources ?? [])]) {
    const folder = resolve(directory, source)
    for (const name of filesIn(folder, '')) {
      hash.update(`\0${source}/${name}\0`).update(readFileSync(join(folder, name)))
    }
  }
  return hash.digest('hex')
}

/**
 * Where the hash stands from which the program was built: beside it, so that both go together.
 * `undefined` when the adapter is not started by a program that its build makes.
 */
export function stampPathOf(adapter: Adapter | StoreFolder): string | undefined {
  if (isStore(adapter)) return undefined
  const [program = ''] = adapter.manifest.start
  return program.includes('/') ? `${resolve(adapter.directory, program)}.sources` : undefined
}

/** Whether the program is there and was built from exactly these sources. */
export function isBuilt(adapter: Adapter | StoreFolder): boolean {
  const stamp = stampPathOf(adapter)
  if (stamp === undefined || isStore(adapter)) return false
  const program = stamp.slice(0, -'.sources'.length)
  if (!existsSync(program) || !existsSync(stamp)) return false
  return readFileSync(stamp, 'utf8') === sourcesHash(adapter)
}

/** Notes from what the program was built; `hash` was taken before the build began. */
export function noteBuilt(adapter: Adapter | StoreFolder, hash: string): void {
  const stamp = stampPathOf(adapter)
  if (stamp !== undefined) writeFileSync(stamp, hash)
}

function filesIn(folder: string, below: string): readonly string[] {
  const entries = readdirSync(join(folder, below), { withFileTypes: true })
  return entries
    .filter(({ name }) => !NOT_SOURCES.has(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(below, entry.name)
      return entry.isDirectory() ? filesIn(folder, path) : [path]
    })
}
