import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { packageRoot } from '../../../src/os/package-root.ts'
import { mutate } from '../bundle.ts'
import type { Change } from '../row.ts'

/**
 * Writes an adapter `event` into `folder`, whose node is ours with `changes`, and returns the
 * program's path. The folder lies in the package: the program imports its dependencies.
 */
export async function bundleNode(changes: readonly Change[], folder: string): Promise<string> {
  const program = join(folder, 'node.mjs')
  mkdirSync(folder, { recursive: true })
  await build({
    entryPoints: [join(packageRoot, 'src/node/main.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['raftmark-source'],
    external: ['better-sqlite3', 'classic-level', 'lmdb', '@node-rs/crc32'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'silent',
    plugins: [mutate(changes)],
  })
  const manifest = {
    ...{ name: 'event', kind: 'raft', language: 'typescript', version: '0', contract: 1 },
    start: ['node', './node.mjs'],
    claims: { stores: ['wal'], durability: 'D2' },
  }
  writeFileSync(join(folder, 'adapter.json'), JSON.stringify(manifest))
  return program
}
