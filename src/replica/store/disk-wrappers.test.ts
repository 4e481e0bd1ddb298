import { describe, expect, test } from 'vitest'
import { createMachine, DIRECTORY, openOn } from '../../../test/support/store-script.ts'
import { LogIndex } from '../../contract/types.ts'
import {
  finalState,
  restoredState,
  sameState,
  scriptedWrites,
  statesOf,
} from '../../experiment/conformance/store-sequence.ts'
import { faultyDisk, noFaults } from './faulty-disk.ts'
import { FaultyStore } from './faulty-store.ts'
import { memoryAdapter } from './memory-store.ts'
import { volatileDisk } from './volatile-disk.ts'
import { walAdapter } from './wal/wal-store.ts'

const adapter = walAdapter({ segmentBytesMax: 4000, preallocatedBytes: 512 })
const writes = scriptedWrites()

describe('a volatile tail', () => {
  const written = (durability: 'D1' | 'D2') => {
    const machine = createMachine(1)
    const store = openOn({ ...machine, disk: volatileDisk(machine.disk) }, adapter, durability)
    let ended = 0
    for (const write of writes) {
      store.persist(write, () => {
        ended += 1
      })
      machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
    }
    return { machine, store, ended }
  }

  test('is lost with the process when nobody syncs, though every write has ended', () => {
    const { machine, ended } = written('D1')
    machine.disk.killProcesses()

    expect(ended).toBe(writes.length)
    expect(openOn(machine, adapter, 'D1').restored.lastIndex).toBe(0)
  })

  test('is lost with the process behind the last sync, and nothing before it', () => {
    const { machine, store } = written('D2')
    const more = {
      ...writes[0],
      id: 99,
      hardState: undefined,
      truncateFrom: LogIndex(2),
      entries: [],
    }
    store.persist(more, () => {})
    machine.disk.killProcesses()

    const state = restoredState(openOn(machine, adapter))
    const last = statesOf([...writes, more]).slice(-2)
    expect(last.some((each) => sameState(each, state))).toBe(true)
  })

  test('is read like anything else, by every handle', () => {
    const { disk } = createMachine(1)
    disk.makeDirectory(DIRECTORY)
    const tail = volatileDisk(disk)
    const writer = tail.open(`${DIRECTORY}/a`, 'create')
    writer.write(2, [Uint8Array.of(1, 2), Uint8Array.of(3)])
    const reader = tail.open(`${DIRECTORY}/a`, 'existing')
    const into = new Uint8Array(8)

    expect([reader.read(0, into), ...into]).toEqual([5, 0, 0, 1, 2, 3, 0, 0, 0])
    expect(disk.open(`${DIRECTORY}/a`, 'existing').size()).toBe(0)
    writer.truncate(4)
    writer.syncNow()
    expect([disk.open(`${DIRECTORY}/a`, 'existing').read(0, into), into[3]]).toEqual([4, 2])
  })
})

describe('faults on demand', () => {
  test.each([
    ['syncsToFail', 1, 'the sync failed'],
    ['writesToFail', 1, 'the write failed'],
    ['isFull', true, 'the disk is full'],
  ] as const)('%s of a disk ends the store for good', (name, value, why) => {
    const machine = createMachine(1)
    const faults = noFaults()
    const disk = faultyDisk(machine.disk, faults, machine.clock)
    const store = openOn({ ...machine, disk }, adapter)
    const outcomes = writes.slice(0, 4).map((write) => {
      Object.assign(faults, write.id === 2 ? { [name]: value } : noFaults())
      let outcome: string | undefined = 'none'
      store.persist(write, (error) => {
        outcome = error?.message
      })
      machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
      return outcome
    })

    expect(outcomes[0]).toBeUndefined()
    for (const outcome of outcomes.slice(1)) expect(outcome).toContain(why)
  })

  test('a slow sync takes longer by what was asked', () => {
    const machine = createMachine(1)
    const faults = { ...noFaults(), slowSyncNs: 5_000_000 }
    const disk = faultyDisk(machine.disk, faults, machine.clock)
    const store = openOn({ ...machine, disk }, adapter)
    let endedNs = 0
    store.persist(writes[0] as (typeof writes)[0], () => {
      endedNs = machine.clock.nowNs()
    })
    machine.clock.advanceTo(20_000_000)

    expect(endedNs).toBeGreaterThanOrEqual(5_000_000)
  })

  test.each([
    ['syncsToFail', 1, 'the sync failed'],
    ['writesToFail', 1, 'the write failed'],
    ['isFull', true, 'the disk is full'],
  ] as const)('%s around any store ends it for good', (name, value, why) => {
    const faults = noFaults()
    const store = new FaultyStore(openOn(createMachine(1), memoryAdapter, 'D0'), faults)
    const outcomes: (string | undefined)[] = []
    for (const write of writes.slice(0, 4)) {
      Object.assign(faults, write.id === 3 ? { [name]: value } : noFaults())
      store.persist(write, (error) => outcomes.push(error?.message))
    }

    expect(outcomes).toEqual([undefined, undefined, why, why])
    expect(() => store.read(LogIndex(1), LogIndex(2), 10)).toThrow(why)
  })

  test('wrappers that are off change nothing', () => {
    const machine = createMachine(1)
    const disk = faultyDisk(volatileDisk(machine.disk), noFaults(), machine.clock)
    const store = new FaultyStore(openOn({ ...machine, disk }, adapter), noFaults())
    for (const write of writes) store.persist(write, () => {})
    store.close(() => {})
    machine.clock.advanceTo(1_000_000)

    expect(restoredState(openOn(machine, adapter))).toEqual(finalState(writes))
  })
})
