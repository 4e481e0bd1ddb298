import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, expect, test } from 'vitest'
import { runCli, temporaryFolder } from '../support/run-cli.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

const root = join(import.meta.dirname, '..', '..')
const schema = readFileSync(join(root, 'docs/schemas/durability.schema.json'), 'utf8')
const validate = new Ajv({ strict: true, allErrors: true }).compile(JSON.parse(schema))

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

/** The event design at D1, whatever it is asked for. */
function liar(): string {
  const directory = join(folder.path, 'liar')
  mkdirSync(directory)
  const manifest = {
    name: 'liar',
    kind: 'raft',
    language: 'javascript',
    version: '1',
    contract: 1,
    start: ['node', 'liar.mjs'],
    claims: { stores: ['wal'], durability: 'D3' },
  }
  writeFileSync(join(directory, 'adapter.json'), JSON.stringify(manifest))
  writeFileSync(
    join(directory, 'liar.mjs'),
    `import { readFileSync, writeFileSync } from 'node:fs'
     const path = process.argv[2]
     const config = JSON.parse(readFileSync(path, 'utf8'))
     writeFileSync(path, JSON.stringify({ ...config, raft: 'event', durability: 'D1' }))
     await import(${JSON.stringify(join(root, 'dist/node.js'))})`,
  )
  return directory
}

test.runIf(canTrace)('who syncs as it claims is valid, seen by the system', async () => {
  const args = ['check', 'durability', '--subject', 'event/wal', '--nodes', '1', '--json']
  const result = await runCli(args, folder.path)

  const document = JSON.parse(result.stdout)
  validate(document)
  expect(validate.errors ?? []).toEqual([])
  expect(document).toMatchObject({ claimed: 'D2', observed: 'D2', source: 'system' })
  expect(readdirSync(join(folder.path, 'results/durability'))).toEqual(['event_wal-D2.json'])
  expect(result.exitCode).toBe(0)
})

test.runIf(canTrace)('who acknowledges without a sync is invalid', async () => {
  const subject = ['--subject', 'liar/wal', '--adapter', liar(), '--nodes', '1']
  const result = await runCli(['check', 'durability', ...subject, '--json'], folder.path)

  expect(JSON.parse(result.stdout)).toMatchObject({
    claimed: 'D2',
    observed: 'D1',
    verdict: 'invalid',
  })
  expect(result.exitCode).toBe(1)
})
