import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RaftmarkError } from '../../base/errors.ts'
import { LogIndex } from '../../contract/types.ts'
import { disk } from '../../os/disk.ts'
import { Broken, hold } from './broken.ts'
import type { StoreLab } from './store-lab.ts'
import type { StoreRule } from './store-rule.ts'
import {
  describeState,
  finalState,
  numbered,
  restoredState,
  run,
  sameEntries,
  sameState,
  scriptedWrites,
  termsOf,
  voteOf,
} from './store-sequence.ts'

/** What a store promises to the next process that opens it. */
export const storeReopenRules: readonly StoreRule[] = [
  {
    name: 'reopens',
    promise: 'after closing and opening all entries are there',
    asks: 'durable',
    check: async (lab) => {
      const writes = numbered([{ entries: run(1, 1, 5, 100) }, { entries: run(2, 6, 5, 100) }])
      const { store } = await reopened(lab, writes)
      const { entries } = restoredState(store)
      hold(sameEntries(entries, finalState(writes).entries), 'entries 1..10', `${entries.length}`)
    },
  },
  {
    name: 'restores-terms',
    promise: 'the terms and the tail that it restores are those of its entries',
    asks: 'durable',
    check: async (lab) => {
      const { store } = await reopened(lab, scriptedWrites())
      const { entries } = finalState(scriptedWrites())
      const { terms, tail } = store.restored
      const seen = JSON.stringify(terms)
      hold(seen === JSON.stringify(termsOf(entries)), JSON.stringify(termsOf(entries)), seen)
      const isSuffix = sameEntries(tail, entries.slice(entries.length - tail.length))
      hold(isSuffix, 'a tail that is the end of the log', `entries from ${tail[0]?.index}`)
    },
  },
  {
    name: 'keeps-truncations',
    promise: 'what a truncation dropped does not come back',
    asks: 'durable',
    check: async (lab) => {
      const writes = numbered([
        { entries: run(1, 1, 6, 50) },
        { truncateFrom: LogIndex(4), entries: run(2, 4, 1, 50) },
        { truncateFrom: LogIndex(3) },
      ])
      const { store } = await reopened(lab, writes)
      const { lastIndex } = store.restored
      hold(lastIndex === 2, 'a log that ends at 2', `one that ends at ${lastIndex}`)
    },
  },
  {
    name: 'keeps-the-vote',
    promise: 'the last vote is kept, through writes that bring none',
    asks: 'durable',
    check: async (lab) => {
      const writes = numbered([
        { hardState: voteOf(3, 2) },
        { hardState: voteOf(4, undefined) },
        { hardState: voteOf(4, 3) },
        { entries: run(4, 1, 1, 10) },
      ])
      const { store } = await reopened(lab, writes)
      const { term, votedFor } = store.restored.hardState
      hold(term === 4 && votedFor === 3, 'term 4, vote for 3', `term ${term}, vote for ${votedFor}`)
    },
  },
  {
    name: 'goes-on',
    promise: 'a log that was opened again takes more, and keeps it',
    asks: 'durable',
    check: async (lab) => {
      const first = numbered([{ entries: run(1, 1, 3, 50) }])
      const again = await reopened(lab, first)
      const more = numbered([{ hardState: voteOf(2, 1), entries: run(2, 4, 3, 50) }])
      await again.persistAll(more)
      await again.close()
      const state = restoredState(lab.open(again.directory).store)
      const wanted = finalState([...first, ...more])
      hold(sameState(state, wanted), describeState(wanted), describeState(state))
    },
  },
  {
    name: 'one-owner',
    promise: 'a directory that is open cannot be opened again, and can after it was closed',
    asks: 'durable',
    check: async (lab) => {
      const session = lab.open()
      holdRefused(lab, session.directory, 'a refusal while another has it')
      await session.close()
      lab.open(session.directory)
    },
  },
  {
    name: 'own-directory',
    promise: 'the directory of another node or group is refused',
    asks: 'durable',
    check: async (lab) => {
      const session = lab.open()
      await session.persistAll(scriptedWrites())
      await session.close()
      holdRefused(lab, session.directory, 'node 2 refused', { node: 2, group: 0 })
      holdRefused(lab, session.directory, 'group 7 refused', { node: 1, group: 7 })
    },
  },
  {
    name: 'foreign-files',
    promise: 'a directory with files of something else is refused, and they stay as they are',
    asks: 'durable',
    check: async (lab) => {
      const directory = lab.freshDirectory()
      disk.makeDirectory(directory)
      const path = join(directory, 'diary.txt')
      writeFileSync(path, 'dear diary')
      holdRefused(lab, directory, 'a refusal of a directory with diary.txt')
      hold(readFileSync(path, 'utf8') === 'dear diary', 'the file as it was', 'another')
    },
  },
]

async function reopened(lab: StoreLab, writes: Parameters<typeof finalState>[0]) {
  const session = lab.open()
  await session.persistAll(writes)
  await session.close()
  return lab.open(session.directory)
}

/** Refused as a user's mistake, with the next step, and not by crashing. */
export function holdRefused(
  lab: StoreLab,
  directory: string,
  expected: string,
  owner?: Parameters<StoreLab['open']>[1],
): void {
  try {
    lab.open(directory, owner)
  } catch (error) {
    if (error instanceof RaftmarkError) return
    throw new Broken(`${expected}, as RaftmarkError`, String(error))
  }
  throw new Broken(expected, 'a store that opened')
}
