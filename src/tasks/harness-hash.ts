import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What decides how a figure comes about: the harness's code, its contract and its workloads. */
const PARTS = ['src', 'adapters/contract', 'adapters/raft', 'workloads']
const COUNTED = /\.(ts|js|json|proto|yaml)$/
const NOT_COUNTED = /(\.test\.|\.d\.ts$|\/gen\/)/

/** SHA-256 over names and contents of the harness's files: results of two hashes do not compare. */
export function harnessHash(root: string): string {
  const base = existsSync(join(root, 'dist', 'src')) ? join(root, 'dist') : root
  const hash = createHash('sha256')
  for (const part of PARTS) {
    const folder = existsSync(join(base, part)) ? join(base, part) : join(root, part)
    for (const name of filesIn(folder)) {
      hash
        .update(`${part}/${name}\0`)
        .update(readFileSync(join(folder, name)))
        .update('\0')
    }
  }
  return hash.digest('hex')
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => COUNTED.test(name) && !NOT_COUNTED.test(name))
    .sort()
}
