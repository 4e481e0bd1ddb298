import { expect, test } from 'vitest'
import { InvariantError } from '../../base/assert.ts'
import { LogIndex } from '../../contract/types.ts'
import type { Store } from '../store/store.ts'
import { StoredEntries } from './stored-entries.ts'

test('a read that finds the store failed ends the replica, and nobody else', () => {
  const failures: string[] = []
  const stored = new StoredEntries(storeThatThrows(new Error('the disk is full')), (reason) => {
    failures.push(reason)
  })

  expect(stored.read(LogIndex(1), LogIndex(2), 100)).toEqual([])
  expect(failures).toEqual(['store: the disk is full'])
})

test('a read of what is not there is a bug, and no failure of the store', () => {
  const stored = new StoredEntries(storeThatThrows(new InvariantError('not in the log')), () => {})

  expect(() => stored.read(LogIndex(1), LogIndex(2), 100)).toThrow(InvariantError)
})

function storeThatThrows(error: Error): Store {
  return {
    read: () => {
      throw error
    },
  } as unknown as Store
}
