import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { ensureWritable, writeFileAtomic } from './files.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'raftmark-files-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
})

test('a file is replaced whole, and nothing else is left', async () => {
  writeFileSync(`${directory}/run.json`, 'the old one, which was longer')

  await writeFileAtomic(`${directory}/run.json`, 'new')

  expect(readFileSync(`${directory}/run.json`, 'utf8')).toBe('new')
  expect(readdirSync(directory)).toEqual(['run.json'])
})

test('a file that cannot be written leaves what was there, and no part', async () => {
  mkdirSync(`${directory}/run.json/inside`, { recursive: true })

  await expect(writeFileAtomic(`${directory}/run.json`, 'new')).rejects.toThrow()

  expect(readdirSync(directory)).toEqual(['run.json'])
  expect(readdirSync(`${directory}/run.json`)).toEqual(['inside'])
})

test('a folder is made as deep as needed, and left empty', async () => {
  await ensureWritable(`${directory}/results/runs`)

  expect(readdirSync(`${directory}/results/runs`)).toEqual([])
})

test.each(['file', '/proc/raftmark'])('what cannot hold files is refused: %s', async (path) => {
  writeFileSync(`${directory}/file`, '')

  await expect(ensureWritable(join(path === 'file' ? directory : '', path))).rejects.toMatchObject({
    code: 'directory-unusable',
    nextStep: expect.stringContaining('--results'),
  })
})
