import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Adapter } from '../experiment/cluster/adapter-manifest.ts'
import { isBuilt, noteBuilt, sourcesHash, stampPathOf } from './build-stamp.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'raftmark-stamp-'))
  for (const folder of ['mine/src', 'host/target']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  writeFileSync(join(root, 'mine/src/main.rs'), 'fn main() {}')
  writeFileSync(join(root, 'host/lib.rs'), '')
})

afterEach(() => rmSync(root, { recursive: true }))

const adapter = (start: readonly string[] = ['../host/target/mine']): Adapter => ({
  directory: join(root, 'mine'),
  manifest: {
    name: 'mine',
    kind: 'raft',
    language: 'rust',
    version: '1.0.0',
    contract: 1,
    build: ['cargo', 'build'],
    sources: ['../host'],
    start,
    claims: { stores: [], durability: 'D0' },
    tuning: {},
    exceptions: [],
  },
})

const build = (): void => {
  const hash = sourcesHash(adapter())
  writeFileSync(join(root, 'host/target/mine'), 'program')
  noteBuilt(adapter(), hash)
}

test('what was built from these sources is built; what is in target is no source', () => {
  expect(isBuilt(adapter())).toBe(false)
  build()
  writeFileSync(join(root, 'host/target/other'), '')
  expect(isBuilt(adapter())).toBe(true)
})

test.each([
  ['its own', 'mine/src/main.rs'],
  ['the host’s', 'host/lib.rs'],
  ['a new', 'host/new.rs'],
])('a change of %s source is a reason to build', (_, file) => {
  build()
  writeFileSync(join(root, file), 'changed')
  expect(isBuilt(adapter())).toBe(false)
})

test('a program that is gone is a reason to build', () => {
  build()
  rmSync(join(root, 'host/target/mine'))
  expect(isBuilt(adapter())).toBe(false)
})

test('a program from elsewhere has no stamp', () => {
  expect(stampPathOf(adapter(['python3', 'node.py']))).toBeUndefined()
})
