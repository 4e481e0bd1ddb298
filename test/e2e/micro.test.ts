import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, expect, test } from 'vitest'
import { runCli, temporaryFolder } from '../support/run-cli.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

const root = join(import.meta.dirname, '..', '..')
const schema = readFileSync(join(root, 'docs/schemas/micro.schema.json'), 'utf8')
const validate = new Ajv({ strict: true, strictTypes: false, allErrors: true }).compile(
  JSON.parse(schema),
)

test('parts are measured, kept, and compared with the last time', async () => {
  const first = await runCli(['micro', 'checksum', 'store/memory', '--json'], folder.path)
  const second = await runCli(['micro', 'checksum', '--json'], folder.path)

  const documents = [first, second].map(({ stdout }) => JSON.parse(stdout))
  for (const document of documents) {
    validate(document)
    expect(validate.errors ?? []).toEqual([])
  }
  const names = documents.map(({ engines }) =>
    engines.map(({ engine }: { readonly engine: string }) => engine),
  )
  expect(names).toEqual([['checksum', 'store/memory'], ['checksum']])
  expect(documents[0].before).toBeNull()
  expect(documents[1].before.takenAt).toBe(documents[0].takenAt)
  expect(documents[1].before.changes).toHaveLength(documents[1].engines[0].tasks.length)
  expect(readdirSync(join(folder.path, 'results'))).toEqual(['micro'])
  expect([first.exitCode, second.exitCode]).toEqual([0, 0])
})

test('a part that there is not is said with the next step, and ends with 2', async () => {
  const result = await runCli(['micro', 'chekcsum'], folder.path)

  expect(result.stderr).toMatch(/nothing called chekcsum[\s\S]*did you mean checksum\?/)
  expect(result.exitCode).toBe(2)
})
