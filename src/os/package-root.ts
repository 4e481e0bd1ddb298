import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert } from '../base/assert.ts'

/** The folder of raftmark's own package.json, be this file a source, compiled or bundled. */
export const packageRoot: string = rootAbove(dirname(fileURLToPath(import.meta.url)))

function rootAbove(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory
  const parent = dirname(directory)
  assert(parent !== directory, 'raftmark stands in no package')
  return rootAbove(parent)
}
