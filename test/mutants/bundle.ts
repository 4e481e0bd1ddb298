import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'
import type { Change } from './row.ts'

const SOURCES = resolve(import.meta.dirname, '../../src/replica')
const HUNT = resolve(import.meta.dirname, 'hunt.ts')

/** The text of each file that `changes` touch, changed. Throws if a snippet is not there once. */
export function mutated(changes: readonly Change[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const { file, find, replace } of changes) {
    const path = resolve(SOURCES, file)
    const text = files.get(path) ?? readFileSync(path, 'utf8')
    const count = text.split(find).length - 1
    if (count !== 1) throw new Error(`src/replica/${file} has ${count} times, not once: ${find}`)
    files.set(
      path,
      text.replace(find, () => replace),
    )
  }
  return files
}

/** Lets a bundle take the files that `changes` touch, changed. Throws as `mutated` does. */
export function mutate(changes: readonly Change[]): Plugin {
  const files = mutated(changes)
  return {
    name: 'mutate',
    setup: ({ onLoad }) => {
      onLoad({ filter: /src[\\/]replica[\\/].*\.ts$/ }, ({ path }) => {
        const contents = files.get(path)
        return contents === undefined ? undefined : { contents, loader: 'ts' }
      })
    },
  }
}

/**
 * Writes a program of one file to `outfile`: `entry`, which runs the simulator, around our sources
 * with `changes`.
 */
export async function bundle(
  changes: readonly Change[],
  outfile: string,
  entry = HUNT,
): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['raftmark-source'],
    logLevel: 'silent',
    plugins: [mutate(changes)],
  })
}
