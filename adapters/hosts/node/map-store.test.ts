import { fileURLToPath } from 'node:url'
import { type Crc32c, type Done, type Entry, LogIndex, type Persist, Term } from 'raftmark/adapter'
import { expect, test } from 'vitest'
import { crc32c as portable } from '../../../src/base/crc32c.ts'
import type { EntryMap, MapChange } from './entry-map.ts'
import { MapStore } from './map-store.ts'
import { workerOf } from './worker-map.ts'

const crc32c: Crc32c = portable

/** A map in memory whose commits end when the test says so. */
class HeldMap implements EntryMap {
  state: Uint8Array | undefined
  readonly counters = { syncs: 0, bytesWritten: 0, writes: 0 }
  readonly table = new Map<number, Uint8Array>()
  readonly changes: { readonly change: MapChange; readonly done: Done }[] = []

  rows(start: number, end: number): readonly Uint8Array[] {
    const rows: Uint8Array[] = []
    for (let index = start; index < end; index += 1) {
      const row = this.table.get(index)
      if (row === undefined) break
      rows.push(row)
    }
    return rows
  }

  commit(change: MapChange, done: Done): void {
    this.changes.push({ change, done })
  }

  finish(error?: Error): void {
    const next = this.changes.shift()
    if (next === undefined) return
    const { change, done } = next
    if (error === undefined) {
      for (let at = change.compactStart; at < change.compactEnd; at += 1) this.table.delete(at)
      for (let at = change.deleteStart; at < change.deleteEnd; at += 1) this.table.delete(at)
      for (const [nth, row] of change.rows.entries()) this.table.set(change.firstIndex + nth, row)
      this.state = change.state
    }
    done(error)
  }

  close(done: Done): void {
    done()
  }
}

const open = (map: EntryMap): MapStore =>
  new MapStore(map, {
    path: '/there',
    node: 1,
    group: 0,
    crc32c,
    isShared: true,
    lock: { release: () => {} },
  })

const entry = (term: number, index: number): Entry => ({
  term: Term(term),
  index: LogIndex(index),
  kind: 'records',
  payload: Uint8Array.of(term, index),
})

const write = (entries: readonly Entry[], truncateFrom?: number): Persist => ({
  id: 1,
  hardState: undefined,
  truncateFrom: truncateFrom === undefined ? undefined : LogIndex(truncateFrom),
  entries,
})

const termsIn = (store: MapStore, end: number): number[] =>
  store.read(LogIndex(1), LogIndex(end), 1e9).map(({ term }) => term)

test('writes during a commit go into the next one, as one change', () => {
  const map = new HeldMap()
  const store = open(map)
  const ended: number[] = []
  store.persist(write([entry(1, 1), entry(1, 2), entry(1, 3)]), () => ended.push(1))
  store.persist(write([entry(2, 2), entry(2, 3)], 2), () => ended.push(2))
  store.persist(write([entry(3, 3)], 3), () => ended.push(3))

  expect(termsIn(store, 4)).toEqual([1, 2, 3])
  map.finish()
  expect(ended).toEqual([1])
  expect(termsIn(store, 4)).toEqual([1, 2, 3])
  expect(map.changes[0]?.change).toMatchObject({ deleteStart: 2, deleteEnd: 4, firstIndex: 2 })
  map.finish()

  expect(ended).toEqual([1, 2, 3])
  expect(termsIn(open(map), 4)).toEqual([1, 2, 3])
})

test('a failed commit is final, for what waits and for what comes', () => {
  const map = new HeldMap()
  const store = open(map)
  const ended: (string | undefined)[] = []
  const note = (error?: Error): void => void ended.push(error?.message)
  store.persist(write([entry(1, 1)]), note)
  store.persist(write([entry(1, 2)]), note)
  map.finish(new Error('the sync failed'))
  store.persist(write([entry(1, 3)]), note)

  expect(ended).toEqual(['the sync failed', 'the sync failed', 'the sync failed'])
  expect(map.changes).toEqual([])
})

test('an altered or missing row, and one under another key, are refused', () => {
  const written = (): HeldMap => {
    const map = new HeldMap()
    open(map).persist(write([entry(1, 1), entry(1, 2), entry(1, 3)]), () => {})
    map.finish()
    return map
  }
  const altered = written()
  altered.table.get(2)?.fill(9, 17)
  const missing = written()
  missing.table.delete(3)
  const swapped = written()
  swapped.table.set(1, swapped.table.get(2) as Uint8Array)

  expect(() => open(altered)).toThrow('entry 2 is damaged')
  expect(() => open(missing)).toThrow('entry 3 is missing')
  expect(() => open(swapped)).toThrow('entry 1 is damaged')
})

test('the file of a worker is found beside its adapter', () => {
  const expected = fileURLToPath(new URL('../../store/sqlite/worker.mjs', import.meta.url))

  expect(workerOf('sqlite')).toBe(expected)
  expect(() => workerOf('nothing')).toThrow('adapters/store/nothing/worker.mjs is missing')
})

test('a compaction rides with the next commit, and a log without entries keeps its end', () => {
  const map = new HeldMap()
  const store = open(map)
  store.persist(write([entry(1, 1), entry(1, 2), entry(2, 3)]), () => {})
  map.finish()
  store.compact(LogIndex(2))
  expect(map.changes).toEqual([])
  store.persist(write([entry(2, 4)]), () => {})
  map.finish()

  expect([...map.table.keys()]).toEqual([3, 4])
  const again = open(map)
  expect(again.restored.terms).toEqual([{ term: 2, firstIndex: 3 }])
  again.compact(LogIndex(4))
  again.persist(write([]), () => {})
  map.finish()
  expect(map.table.size).toBe(0)
  expect(open(map).restored).toMatchObject({ terms: [], tail: [], lastIndex: 4 })
})

test('one commit compacts a bounded number of rows', () => {
  const map = new HeldMap()
  const store = open(map)
  store.persist(write(Array.from({ length: 5000 }, (_, at) => entry(1, at + 1))), () => {})
  map.finish()
  store.compact(LogIndex(5000))
  store.persist(write([]), () => {})
  map.finish()
  expect(map.table.size).toBe(5000 - 4096)
  store.persist(write([]), () => {})
  map.finish()

  expect(map.table.size).toBe(0)
})
