import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { RaftmarkError } from 'raftmark/adapter'

const EMPTY = { hardState: { term: 0, votedFor: undefined }, first: 1, entries: [] }

/** Keeps everything in memory, and writes it down when it is closed. */
const open = ({ directory, node, group, disk }) => {
  disk.makeDirectory(directory)
  const path = join(directory, 'dump')
  const lock = lockOf(disk, directory)
  try {
    const found = readdirSync(directory).find((name) => name !== 'dump' && name !== 'lock')
    if (found !== undefined) throw refused(`${found} is none of its files`)
    const state = existsSync(path) ? deserialize(readFileSync(path)) : { ...EMPTY, node, group }
    if (state.node !== node || state.group !== group) throw refused('it belongs to another')
    return storeOf({ ...state, entries: [...state.entries] }, path, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

function storeOf(state, path, lock) {
  const counters = { syncs: 0, bytesWritten: 0, writes: 0 }
  const terms = state.entries
    .filter(({ term }, at) => term !== state.entries[at - 1]?.term)
    .map(({ term, index }) => ({ term, firstIndex: index }))
  const { hardState } = state
  const lastIndex = state.first + state.entries.length - 1
  return {
    restored: { hardState, terms, lastIndex, tail: [...state.entries] },
    counters,
    persist: ({ hardState: vote = state.hardState, truncateFrom, entries }, done) => {
      if (truncateFrom !== undefined) state.entries.length = truncateFrom - state.first
      state.hardState = vote
      state.entries.push(...entries)
      counters.writes += 1
      done()
    },
    read: (start, end, bytesMax) => {
      let bytes = 0
      const range = state.entries.slice(start - state.first, end - state.first)
      const beyond = range.findIndex(({ payload }, nth) => {
        bytes += payload.length
        return nth > 0 && bytes > bytesMax
      })
      return beyond === -1 ? range : range.slice(0, beyond)
    },
    compact: (through) => {
      state.entries.splice(0, Math.max(0, through + 1 - state.first))
      state.first = Math.max(state.first, through + 1)
    },
    close: (done) => {
      writeFileSync(path, serialize(state))
      lock.release()
      done()
    },
  }
}

function lockOf(disk, directory) {
  try {
    return disk.lock(directory)
  } catch {
    throw refused('somebody has it')
  }
}

const refused = (message) =>
  new RaftmarkError('store-refused', message, { nextStep: 'Choose another directory.' })

export const adapter = { name: 'outlives-its-process', durabilities: ['D1'], open }
