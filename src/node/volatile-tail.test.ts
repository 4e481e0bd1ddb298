import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { volatileTail } from './volatile-tail.ts'

test('a store that opens its own files is refused', () => {
  expect(() => volatileTail().requireUse('sqlite')).toThrow(
    'store sqlite opens its files by itself',
  )
})

test('what is written and not synced stays in the process', ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'raftmark-tail-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const tail = volatileTail()
  const path = join(folder, 'a')
  const file = tail.disk.open(path, 'create')
  tail.requireUse('wal')

  file.write(0, [Buffer.from('abc')])

  expect(readFileSync(path, 'utf8')).toBe('')
  file.syncNow()
  expect(readFileSync(path, 'utf8')).toBe('abc')
  file.close()
})
