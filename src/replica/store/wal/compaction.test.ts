import { expect, test } from 'vitest'
import {
  keptState,
  numbered,
  run,
  statesOf,
  termsOf,
  voteOf,
} from '../../../../src/experiment/conformance/store-sequence.ts'
import {
  createMachine,
  DIRECTORY,
  type Machine,
  openOn,
} from '../../../../test/support/store-script.ts'
import { RaftmarkError } from '../../../base/errors.ts'
import { LogIndex } from '../../../contract/types.ts'
import type { Persist } from '../../consensus/effects.ts'
import type { Store } from '../store.ts'
import type { Loss } from '../virtual-file.ts'
import { walAdapter } from './wal-store.ts'

/** A segment for nearly every write. */
const adapter = walAdapter({ segmentBytesMax: 1500, preallocatedBytes: 256, recentBytesMax: 300 })

const writes = numbered([
  { hardState: voteOf(1, 1) },
  { entries: run(1, 1, 6, 200) },
  { entries: run(1, 7, 6, 200) },
  { hardState: voteOf(2, 3), truncateFrom: LogIndex(10), entries: run(2, 10, 5, 200) },
  { entries: run(2, 15, 6, 200) },
  { hardState: voteOf(3, undefined) },
  { truncateFrom: LogIndex(17), entries: run(3, 17, 2, 200) },
  { entries: run(3, 19, 7, 180) },
  { hardState: voteOf(4, 2) },
  { entries: run(4, 26, 2, 600) },
])
/** What is compacted once the write of this place has ended; never what is truncated later. */
const compactions = [0, 4, 8, 12, 16, 16, 17, 25, 25, 25]
const states = statesOf(writes)
const SEEDS = 5

type Outcome = {
  readonly machine: Machine
  readonly issued: number
  readonly acknowledged: number
  readonly compacted: number
  readonly isCut: boolean
}

class PowerCut extends Error {}

/** Writes and compacts until the power fails before operation `cutAt`. */
function runUntilCut(seed: number, cutAt: number, loss: Loss): Outcome {
  let operations = 0
  let isCut = false
  let isOver = false
  const machine = createMachine(seed, () => {
    operations += 1
    if (isCut || isOver || operations !== cutAt) return
    isCut = true
    throw new PowerCut()
  })
  let issued = 0
  let acknowledged = 0
  let compacted = 0
  const wait = (ns: number): void => machine.clock.advanceTo(machine.clock.nowNs() + ns)
  try {
    const store = openOn(machine, adapter)
    for (const [at, write] of writes.entries()) {
      if (isCut) break
      issued = at + 1
      store.persist(write, (error) => {
        if (error !== undefined || isCut) return
        acknowledged = write.id
        compacted = compactions[at] as number
        store.compact(LogIndex(compacted))
      })
      wait(seed % 2 === 0 ? 400 : 100_000)
    }
    if (!isCut) wait(100_000)
    if (!isCut && seed % 3 === 0) store.close(() => {})
    if (!isCut) wait(100_000)
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
  }
  isOver = true
  machine.disk.cutPower(loss)
  return { machine, issued, acknowledged, compacted, isCut }
}

/** After how many writes the log stands, which may begin later by what was compacted. */
function recoveredWrites(store: Store, issued: number, compacted: number): number {
  const state = keptState(store)
  const { terms, lastIndex } = store.restored
  const first = terms[0]?.firstIndex ?? lastIndex + 1
  expect(first).toBeLessThanOrEqual(compacted + 1)
  const found = states.slice(0, issued + 1).findLastIndex(({ hardState, entries }) => {
    const kept = { hardState, entries: entries.slice(first - 1) }
    return entries.length === lastIndex && JSON.stringify(kept) === JSON.stringify(state)
  })
  expect(found, 'the recovered log is that after some write').toBeGreaterThanOrEqual(0)
  expect(terms).toEqual(termsOf(state.entries))
  return found
}

test.each<Loss>(['all', 'none', 'some'])(
  'a power cut at any moment of writing and compacting that loses %s keeps what was promised',
  (loss) => {
    let removals = 0
    for (let seed = 1; seed <= (loss === 'some' ? SEEDS : 2); seed += 1) {
      for (let cutAt = 1; ; cutAt += 1) {
        const { machine, issued, acknowledged, compacted, isCut } = runUntilCut(seed, cutAt, loss)
        const where = `seed ${seed}, cut before ${cutAt}`
        const store = openOn(machine, adapter)
        const found = recoveredWrites(store, issued, compacted)
        expect(found, where).toBeGreaterThanOrEqual(acknowledged)
        const first = store.restored.terms[0]?.firstIndex ?? store.restored.lastIndex + 1
        if (first > 1) removals += 1
        if (!isCut) break
        goesOn(machine, store, where)
      }
    }
    expect(removals).toBeGreaterThan(20)
  },
)

/** It takes more, and keeps that through another power cut. */
function goesOn(machine: Machine, store: Store, where: string): void {
  const { lastIndex } = store.restored
  const more = {
    ...(writes[0] as Persist),
    hardState: voteOf(9, 3),
    entries: run(9, lastIndex + 1, 2, 700),
  }
  let outcome: unknown = 'none'
  store.persist(more, (error) => {
    outcome = error
  })
  machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
  machine.disk.cutPower('all')
  const again = openOn(machine, adapter)
  expect(outcome, where).toBeUndefined()
  expect(keptState(again).entries.slice(-2), where).toEqual(more.entries)
  expect(again.restored.hardState, where).toEqual(more.hardState)
}

function compactedLog(isClosed: boolean): Machine {
  const machine = createMachine(1)
  const store = openOn(machine, adapter)
  for (const [at, write] of writes.entries()) {
    store.persist(write, () => store.compact(LogIndex(compactions[at] as number)))
    machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
  }
  if (isClosed) store.close(() => {})
  machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
  machine.disk.killProcesses()
  return machine
}

const segmentsOf = (machine: Machine): string[] =>
  machine.disk
    .list(DIRECTORY)
    .filter((name) => name.endsWith('.wal'))
    .sort()

test('segments that hold nothing behind the compaction are removed, and reads go on', () => {
  const machine = createMachine(1)
  const store = openOn(machine, adapter)
  for (const [at, write] of writes.entries()) {
    store.persist(write, () => store.compact(LogIndex(compactions[at] as number)))
    machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
  }

  const last = states.at(-1)?.entries ?? []
  expect(store.read(LogIndex(26), LogIndex(28), Infinity)).toEqual(last.slice(25))
  const names = segmentsOf(machine)
  expect(names.length).toBeLessThanOrEqual(3)
  expect(names[0]).not.toBe('0000000001.wal')
  expect(() => store.read(LogIndex(1), LogIndex(3), Infinity)).toThrow('no entry')
})

test('a damaged or missing file of a compacted log is refused, or changes nothing', () => {
  for (const isClosed of [true, false]) {
    for (const name of segmentsOf(compactedLog(isClosed))) {
      const size = compactedLog(isClosed).disk.open(`${DIRECTORY}/${name}`, 'existing').size()
      for (let at = 0; at < size; at += 1) holdsOrRefuses(isClosed, name, at)
    }
  }
})

let refusals = 0

function holdsOrRefuses(isClosed: boolean, name: string, at: number): void {
  const machine = compactedLog(isClosed)
  machine.disk.corrupt(`${DIRECTORY}/${name}`, (bytes) => {
    bytes[at] = (bytes[at] as number) ^ 1
  })
  try {
    // The last write is vouched for by nothing if the store was not closed.
    const found = recoveredWrites(openOn(machine, adapter), writes.length, 25)
    expect(found).toBeGreaterThanOrEqual(writes.length - (isClosed ? 0 : 1))
  } catch (error) {
    if (!(error instanceof RaftmarkError)) throw error
    expect(error.code).toBe('store-refused')
    refusals += 1
  }
}

test('without its first segments and any word of a compaction a log is refused', () => {
  const machine = compactedLog(true)
  const [first] = segmentsOf(machine)
  expect(refusals).toBeGreaterThan(100)

  machine.disk.remove(`${DIRECTORY}/${first}`)

  expect(() => openOn(machine, adapter)).toThrow('is damaged')
})

/** One sync covers all writes, so no frame but the compaction's names anything as synced. */
function compactedBurst(): Machine {
  const machine = createMachine(1)
  const store = openOn(machine, adapter)
  for (const write of writes) store.persist(write, () => {})
  machine.clock.advanceTo(100_000)
  store.compact(LogIndex(25))
  machine.clock.advanceTo(200_000)
  machine.disk.killProcesses()
  return machine
}

test('the frame of a compaction, damaged, does not pass for a torn tail', () => {
  const machine = compactedBurst()
  const name = segmentsOf(machine).at(-1) as string
  machine.disk.corrupt(`${DIRECTORY}/${name}`, (bytes) => {
    const end = bytes.findLastIndex((byte) => byte !== 0)
    bytes[end] = (bytes[end] as number) ^ 1
  })

  expect(() => openOn(machine, adapter)).toThrow('is damaged')
})

test('a compacted log needs no mark to be opened', () => {
  const machine = compactedBurst()
  machine.disk.remove(`${DIRECTORY}/synced`)

  expect(recoveredWrites(openOn(machine, adapter), writes.length, 25)).toBe(writes.length)
})

test('at D1 a compaction syncs nothing', () => {
  const machine = createMachine(1)
  const store = openOn(machine, adapter, 'D1')
  for (const [at, write] of writes.entries()) {
    store.persist(write, () => store.compact(LogIndex(compactions[at] as number)))
  }
  machine.disk.killProcesses()

  expect(store.counters.syncs).toBe(0)
  const reopened = openOn(machine, adapter, 'D1')
  expect(recoveredWrites(reopened, writes.length, 25)).toBe(writes.length)
  expect(reopened.restored.terms[0]?.firstIndex).toBeGreaterThan(1)
})
