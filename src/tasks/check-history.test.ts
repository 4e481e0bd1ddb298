import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkHistory } from './check-history.ts'

const examples = new URL('../judgement/check/testdata/', import.meta.url).pathname
let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'raftmark-check-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('a file is judged with every check by name', async () => {
  const document = await checkHistory(`${examples}lost.ndjson`)

  expect(document).toMatchObject({ schema: 'raftmark/check/1', verdict: 'invalid', operations: 2 })
  expect(document.checks).toContainEqual(
    expect.objectContaining({ check: 'lost', verdict: 'invalid' }),
  )
})

test('a missing file is the reader’s mistake', async () => {
  await expect(checkHistory(`${directory}/none.ndjson`)).rejects.toMatchObject({
    code: 'history-invalid',
    message: expect.stringContaining('ENOENT'),
  })
})

test('a broken line is named', async () => {
  const file = join(directory, 'broken.ndjson')
  writeFileSync(file, '{"t":"run"\n')

  await expect(checkHistory(file)).rejects.toMatchObject({ place: { file, line: 1 } })
})

test('an empty file is no history', async () => {
  const file = join(directory, 'empty.ndjson')
  writeFileSync(file, '')

  await expect(checkHistory(file)).rejects.toMatchObject({ code: 'history-invalid' })
})
