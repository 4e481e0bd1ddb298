import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DiskError } from '../replica/store/disk.ts'
import { disk } from './disk.ts'

let directory = ''
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'raftmark-disk-'))
})
afterEach(() => fs.rmSync(directory, { recursive: true }))

const codeOf = (call: () => unknown): string | undefined => {
  try {
    call()
    return undefined
  } catch (error) {
    return error instanceof DiskError ? error.code : String(error)
  }
}

test('parts are written one after the other and read back, also past the end', () => {
  const file = disk.open(join(directory, 'a'), 'create')
  const parts = [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3), Uint8Array.of(4, 5)]
  file.write(3, parts)
  const into = new Uint8Array(10)

  expect(file.read(0, into)).toBe(8)
  expect([...into]).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 0, 0])
  file.truncate(4)
  expect(file.size()).toBe(4)
  file.close()
})

test('a sync tells when it is done, of files and directories', async () => {
  const file = disk.open(join(directory, 'a'), 'create')
  file.write(0, [Uint8Array.of(1)])

  expect(await new Promise((resolve) => file.sync(resolve))).toBeUndefined()
  expect(await new Promise((resolve) => disk.syncDirectory(directory, resolve))).toBeUndefined()
  file.close()
})

test('what the system refuses is a DiskError with its code', async () => {
  const path = join(directory, 'a')
  disk.open(path, 'create').close()

  expect(codeOf(() => disk.open(path, 'create'))).toBe('EEXIST')
  expect(codeOf(() => disk.open(join(directory, 'b'), 'existing'))).toBe('ENOENT')
  expect(codeOf(() => disk.list(join(directory, 'c')))).toBe('ENOENT')
  const gone = join(directory, 'c')
  const error = await new Promise((resolve) => disk.syncDirectory(gone, resolve))
  expect(error).toMatchObject({ name: 'DiskError', code: 'ENOENT', path: gone })
})

test('directories are made with those above them', () => {
  disk.makeDirectory(join(directory, 'a', 'b', 'c'))
  disk.makeDirectory(join(directory, 'a', 'b', 'c'))

  expect(disk.list(join(directory, 'a', 'b'))).toEqual(['c'])
})

test('a lock is held until it is released', () => {
  const lock = disk.lock(directory)
  expect(codeOf(() => disk.lock(directory))).toBe('LOCKED')
  expect(() => disk.lock(directory)).toThrow(`process ${process.pid} `)

  lock.release()

  disk.lock(directory).release()
  expect(disk.list(directory)).toEqual([])
})

test('the lock of a living process is refused by its number, that of a dead one is taken', async () => {
  const owner = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'pipe' })
  await once(owner, 'spawn')
  const stat = fs.readFileSync(`/proc/${owner.pid}/stat`, 'utf8')
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  fs.writeFileSync(join(directory, 'lock'), `${owner.pid} ${startTime}\n`)
  expect(() => disk.lock(directory)).toThrow(`process ${owner.pid} `)

  owner.kill('SIGKILL')
  await once(owner, 'exit')

  disk.lock(directory).release()
})

test.each(['', '\0\0\0\0\0\0\0\0'])('a lock that a power cut has emptied (%j) is taken', (left) => {
  fs.writeFileSync(join(directory, 'lock'), left)

  disk.lock(directory).release()

  expect(disk.exists(join(directory, 'lock'))).toBe(false)
})

test('a living process that only has the number of a dead owner does not keep the lock', () => {
  fs.writeFileSync(join(directory, 'lock'), `${process.pid} 1\n`)

  disk.lock(directory).release()
})
