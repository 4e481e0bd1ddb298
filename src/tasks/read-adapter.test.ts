import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readAdapter } from './read-adapter.ts'

const good = {
  name: 'mine',
  kind: 'raft',
  language: 'python',
  version: '1.2.3',
  contract: 1,
  start: ['python3', 'node.py'],
  claims: { stores: ['memory'], durability: 'D0' },
}

test('a manifest is read with the defaults of its schema, and where it stands', async () => {
  const directory = folderWith(JSON.stringify({ $schema: '../adapter.schema.json', ...good }))

  const adapter = await readAdapter(directory)

  expect(adapter).toEqual({ directory, manifest: { ...good, tuning: {}, exceptions: [] } })
})

test.each([
  ['an unknown key', { ...good, stat: ['x'] }, 'stat', /stat is no known key/],
  ['no start command', { ...good, start: [] }, 'start', /start/],
  ['a name that no subject can hold', { ...good, name: 'My Raft' }, 'name', /name/],
  ['another contract', { ...good, contract: 2 }, 'contract', /contract/],
  [
    'a durability that does not exist',
    { ...good, claims: { stores: [], durability: 'D9' } },
    'claims.durability',
    /cannot be "D9"/,
  ],
])('%s is refused with line and key', async (_, manifest, key, message) => {
  const directory = folderWith(JSON.stringify(manifest, undefined, 2))

  await expect(readAdapter(directory)).rejects.toMatchObject({
    code: 'adapter-invalid',
    message: expect.stringMatching(message),
    place: { file: join(directory, 'adapter.json'), line: expect.any(Number), key },
  })
})

test('a folder without a manifest is no adapter', async () => {
  await expect(readAdapter(tmpdir())).rejects.toMatchObject({ code: 'adapter-not-found' })
})

test('what is no JSON is refused with its line', async () => {
  const directory = folderWith('{\n  "name": "mine",\n  "kind": [\n}\n')

  await expect(readAdapter(directory)).rejects.toMatchObject({
    code: 'adapter-invalid',
    place: { line: 4 },
  })
})

function folderWith(manifest: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'raftmark-adapter-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'adapter.json'), manifest)
  return directory
}
