import { expect, test } from 'vitest'
import {
  run,
  scriptedWrites,
  statesOf,
} from '../../../src/experiment/conformance/store-sequence.ts'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { createMachine, DIRECTORY, openOn } from '../../../test/support/store-script.ts'
import { crc32c } from '../../base/crc32c.ts'
import type { Durability } from '../../contract/durability.ts'
import { GroupId, LogIndex, NodeId } from '../../contract/types.ts'
import type { Persist } from '../consensus/effects.ts'
import { memoryAdapter } from './memory-store.ts'
import { openStore } from './open-store.ts'
import { walAdapter } from './wal/wal-store.ts'

const MS = 1_000_000
const delayed = (syncDelayNs: number, durability: Durability = 'D0') => {
  const machine = createMachine(1)
  const adapter = durability === 'D0' ? memoryAdapter : walAdapter()
  const store = openStore(adapter, {
    directory: DIRECTORY,
    node: NodeId(1),
    group: GroupId(0),
    durability,
    disk: machine.disk,
    clock: machine.clock,
    crc32c,
    syncDelayNs,
  })
  return { ...machine, store }
}

const append = (id: number): Persist => ({
  id,
  hardState: undefined,
  truncateFrom: undefined,
  entries: run(1, id, 1, 10),
})

test('memory holds what it was given, truncations included', () => {
  const store = openOn({ ...createMachine(1), clock: createManualClock() }, memoryAdapter, 'D0')
  const done: number[] = []
  for (const write of scriptedWrites()) store.persist(write, () => done.push(write.id))
  const { entries } = statesOf(scriptedWrites()).at(-1) ?? { entries: [] }

  expect(done).toEqual(scriptedWrites().map(({ id }) => id))
  expect(store.read(LogIndex(1), LogIndex(entries.length + 1), Infinity)).toEqual(entries)
  expect(store.read(LogIndex(2), LogIndex(5), 1)).toEqual(entries.slice(1, 2))
})

test('a delayed sync covers what was written before it began; the rest waits for the next', () => {
  const { clock, store } = delayed(5 * MS)
  const ended: string[] = []
  const persist = (id: number): void =>
    store.persist(append(id), () => ended.push(`${id} at ${clock.nowNs() / MS}`))

  persist(1)
  clock.advanceTo(1 * MS)
  persist(2)
  persist(3)
  clock.advanceTo(20 * MS)

  expect(ended).toEqual(['1 at 5', '2 at 10', '3 at 10'])
  expect(store.counters.syncDelayNsP50).toBe(5 * MS)
})

test('entries can be read while their sync is delayed', () => {
  const { store } = delayed(5 * MS)

  store.persist(append(1), () => {})

  expect(store.read(LogIndex(1), LogIndex(2), 100)).toEqual(run(1, 1, 1, 10))
})

test('at D3 each write has a delay of its own', () => {
  const { clock, store } = delayed(5 * MS, 'D3')
  const ended: number[] = []
  for (const id of [1, 2, 3]) store.persist(append(id), () => ended.push(clock.nowNs()))
  clock.advanceTo(20 * MS)

  const late = ended.map((endNs, at) => endNs - (at + 1) * 5 * MS)
  expect(late).toHaveLength(3)
  for (const lateNs of late) expect(lateNs).toBeLessThan(1 * MS)
})

test('a failure of the store comes through and is final', () => {
  const { clock, disk, store } = delayed(5 * MS, 'D2')
  const ended: (string | undefined)[] = []
  disk.faults.syncsToFail = 1
  for (const id of [1, 2]) store.persist(append(id), (error) => ended.push(error?.name))
  clock.advanceTo(50 * MS)
  store.persist(append(3), (error) => ended.push(error?.name))
  clock.advanceTo(90 * MS)

  expect(ended).toEqual(['DiskError', 'DiskError', 'DiskError'])
})

test('a durability that a store does not offer is the user’s mistake', () => {
  expect(() => delayed(0, 'D2')).not.toThrow()
  const machine = createMachine(1)
  const open = () =>
    openStore(memoryAdapter, {
      directory: DIRECTORY,
      node: NodeId(1),
      group: GroupId(0),
      durability: 'D2',
      disk: machine.disk,
      clock: machine.clock,
      crc32c,
      syncDelayNs: 0,
    })
  expect(open).toThrow('the store memory does not offer durability D2')
})
