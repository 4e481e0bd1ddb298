import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, expect, test } from 'vitest'
import type { StoreCheckReport } from '../../src/experiment/conformance/check-store.ts'
import { runCli, temporaryFolder } from '../support/run-cli.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

const root = join(import.meta.dirname, '..', '..')
const schema = readFileSync(join(root, 'docs/schemas/store-check.schema.json'), 'utf8')
const validate = new Ajv({ strict: true, allErrors: true }).compile(JSON.parse(schema))

const rulesWith = ({ rules }: StoreCheckReport, verdict: string) =>
  rules.filter((each) => each.verdict === verdict).map(({ rule }) => rule)

/** A store in a folder of its own: the log in memory, under a fault. */
function storeFolder(name: string, fault: string, change: object = {}): string {
  const directory = join(folder.path, name)
  mkdirSync(directory)
  const manifest = {
    name,
    kind: 'store',
    language: 'javascript',
    version: '1',
    contract: 1,
    module: 'index.mjs',
    claims: { durability: ['D0'] },
    ...change,
  }
  writeFileSync(join(directory, 'adapter.json'), JSON.stringify(manifest, undefined, 2))
  writeFileSync(
    join(directory, 'index.mjs'),
    `import { memoryAdapter } from 'raftmark/adapter'
     const open = (options) => {
       const store = memoryAdapter.open(options)
       return {
         restored: store.restored,
         counters: store.counters,
         persist: (write, done) => store.persist(write, done),
         read: (start, end, bytesMax) => store.read(start, end, bytesMax),
         compact: (through) => store.compact(through),
         close: (done) => store.close(done),
         ${fault}
       }
     }
     export const adapter = { name: '${name}', durabilities: ['D0'], open }`,
  )
  return directory
}

test('shipped stores keep their rules, in documents of the schema', async () => {
  const result = await runCli(
    ['adapter', 'check', 'store/memory', 'store/lmdb', ...FEW, '--json'],
    folder.path,
  )

  const documents: StoreCheckReport[] = JSON.parse(result.stdout)
  expect(documents.map(({ store }) => store)).toEqual(['memory', 'lmdb'])
  for (const document of documents) {
    validate(document)
    expect(validate.errors ?? []).toEqual([])
    expect(rulesWith(document, 'broken')).toEqual([])
    expect(rulesWith(document, 'held').length).toBeGreaterThanOrEqual(10)
  }
  expect(result.exitCode).toBe(0)
})

test('a broken store in any folder ends with 1, the rule and the sequence', async () => {
  const directory = storeFolder(
    'greedy',
    'read: (start, end) => store.read(start, end, Number.POSITIVE_INFINITY),',
  )

  const result = await runCli(['adapter', 'check', directory, '--json'], folder.path)

  const document: StoreCheckReport = JSON.parse(result.stdout)
  validate(document)
  expect(validate.errors ?? []).toEqual([])
  expect(rulesWith(document, 'broken')).toEqual(['bounded-reads'])
  const broken = document.rules.find(({ verdict }) => verdict === 'broken')
  expect(broken?.detail).toMatch(/expected .*; saw .*; sequence: write 1/)
  expect(result.exitCode).toBe(1)
})

/** A few shutdowns are enough here; those that users get by default take a quarter of a minute. */
const FEW = ['--shutdowns', '3']

/** Without root no file system is shut down, and its rule is put to nobody. */
const isRoot = process.getuid?.() === 0
const wrongStores = readdirSync(join(root, 'test/wrong-stores')).filter(
  (name) => isRoot || !name.startsWith('shutdown-'),
)

test.each(wrongStores)('the wrong store %s breaks its own rule and no other', async (name) => {
  const directory = join(root, 'test/wrong-stores', name)

  const args = ['adapter', 'check', directory, ...FEW, '--json']
  const result = await runCli(args, folder.path)

  const document: StoreCheckReport = JSON.parse(result.stdout)
  expect(rulesWith(document, 'broken')).toEqual([name])
  const broken = document.rules.find(({ verdict }) => verdict === 'broken')
  expect(broken?.detail).toMatch(/expected .*; saw /)
})

test('a store of any folder is listed and shown beside the shipped ones', async () => {
  const directory = storeFolder('listed', '')

  const list = await runCli(['adapter', 'list', '--adapter', directory, '--json'], folder.path)
  const info = await runCli(
    ['adapter', 'info', 'store/listed', '--adapter', directory],
    folder.path,
  )

  const names = JSON.parse(list.stdout).stores.map(
    ({ manifest }: { readonly manifest: { readonly name: string } }) => manifest.name,
  )
  expect(names).toEqual(['leveldb', 'lmdb', 'memory', 'sqlite', 'wal', 'listed'])
  expect(JSON.parse(info.stdout)).toMatchObject({ directory, manifest: { kind: 'store' } })
})

test.each<[string, () => string, RegExp]>([
  ['an unknown store', () => 'store/wall', /no store is called wall[\s\S]*did you mean wal\?/],
  [
    'a store that claims too much',
    () => storeFolder('boaster', '', { claims: { durability: ['D2'] } }),
    /offers D0, claimed are D2[\s\S]*claims\.durability/,
  ],
  [
    'a module that is not there',
    () => storeFolder('absent', '', { module: 'other.mjs' }),
    /other\.mjs cannot be imported/,
  ],
  [
    'a kind that does not exist',
    () => storeFolder('odd', '', { kind: 'stor' }),
    /kind cannot be "stor"[\s\S]*raft, store/,
  ],
  [
    'a store with a key of rafts',
    () => storeFolder('starter', '', { start: ['node'] }),
    /start is no known key/,
  ],
])('%s is said with the next step, and ends with 2', async (_, name, message) => {
  const result = await runCli(['adapter', 'check', name()], folder.path)

  expect(result.stderr).toMatch(message)
  expect(result.stderr).toContain('Next: ')
  expect(result.stderr).not.toMatch(/^\s+at /m)
  expect(result.exitCode).toBe(2)
})
