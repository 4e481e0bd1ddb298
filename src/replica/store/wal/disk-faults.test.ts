import { expect, test } from 'vitest'
import {
  restoredState,
  scriptedWrites,
  statesOf,
} from '../../../../src/experiment/conformance/store-sequence.ts'
import {
  createMachine,
  DIRECTORY,
  type Machine,
  openOn,
} from '../../../../test/support/store-script.ts'
import { LogIndex } from '../../../contract/types.ts'
import type { DiskFaults } from '../virtual-disk.ts'
import { walAdapter } from './wal-store.ts'

const adapter = walAdapter({ segmentBytesMax: 4000, preallocatedBytes: 512 })
const writes = scriptedWrites()
const states = statesOf(writes).map((state) => JSON.stringify(state))
const FAULT_AT = 3

/** Sets the faults before write `FAULT_AT`, heals before the next; tells how each write ended. */
function outcomesWith(machine: Machine, faults: Partial<DiskFaults>) {
  const healthy = { ...machine.disk.faults }
  const store = openOn(machine, adapter)
  const outcomes: (string | undefined)[] = []
  for (const write of writes) {
    if (write.id === FAULT_AT) Object.assign(machine.disk.faults, faults)
    store.persist(write, (error) => outcomes.push(error?.message))
    machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
    if (write.id === FAULT_AT) Object.assign(machine.disk.faults, healthy)
  }
  return { store, outcomes }
}

test.each<[string, Partial<DiskFaults>]>([
  ['the sync failed', { syncsToFail: 1 }],
  ['the write failed', { writesToFail: 1, shortWriteBytes: 0 }],
  ['the write failed', { writesToFail: 1, shortWriteBytes: 100 }],
  ['the disk is full', { capacityBytes: 1500 }],
])('after "%s" (%o) nothing succeeds any more, and a restart finds whole writes', (why, faults) => {
  const machine = createMachine(1)

  const { store, outcomes } = outcomesWith(machine, faults)

  expect(outcomes.slice(0, FAULT_AT - 1)).toEqual([undefined, undefined])
  expect(outcomes).toHaveLength(writes.length)
  for (const outcome of outcomes.slice(FAULT_AT - 1)) expect(outcome).toContain(why)
  expect(() => store.read(LogIndex(1), LogIndex(2), 100)).toThrow(why)
  let closing: Error | undefined
  store.close((error) => {
    closing = error
  })
  machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
  expect(closing?.message).toContain(why)
  machine.disk.cutPower('some')
  const found = states.indexOf(JSON.stringify(restoredState(openOn(machine, adapter))))
  expect(found).toBeGreaterThanOrEqual(FAULT_AT - 1)
})

test('what a failed sync lost of the page cache is written again by the next process', () => {
  const machine = createMachine(1)
  outcomesWith(machine, { syncsToFail: 1 })
  machine.disk.killProcesses()
  const found = JSON.stringify(restoredState(openOn(machine, adapter)))

  machine.disk.cutPower('all')

  expect(JSON.stringify(restoredState(openOn(machine, adapter)))).toBe(found)
  expect(states.indexOf(found)).toBeGreaterThanOrEqual(FAULT_AT)
})

test('writes that are outstanding when one fails end in their order', () => {
  const machine = createMachine(1)
  const store = openOn(machine, adapter)
  const ended: string[] = []
  const persist = (at: number): void => {
    const write = writes[at]
    if (write !== undefined) store.persist(write, (error) => ended.push(`${at}: ${error?.name}`))
  }

  persist(0)
  persist(1)
  machine.disk.faults.writesToFail = 1
  persist(2)
  persist(3)
  machine.clock.advanceTo(100_000)

  // The first was being synced; the second had not begun to be, so nobody can say.
  expect(ended).toEqual(['0: undefined', '1: DiskError', '2: DiskError', '3: DiskError'])
})

test('a full disk is a refusal to open that says what to do', () => {
  const machine = createMachine(1)
  machine.disk.faults.capacityBytes = 10

  expect(() => openOn(machine, adapter)).toThrow(`${DIRECTORY} cannot be used as a store`)
})
