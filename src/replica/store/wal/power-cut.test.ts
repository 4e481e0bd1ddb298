import { expect, test } from 'vitest'
import {
  restoredState,
  run,
  scriptedWrites,
  statesOf,
  termsOf,
} from '../../../../src/experiment/conformance/store-sequence.ts'
import { createMachine, type Machine, openOn } from '../../../../test/support/store-script.ts'
import { LogIndex } from '../../../contract/types.ts'
import type { Persist } from '../../consensus/effects.ts'
import type { Loss } from '../virtual-file.ts'
import { walAdapter } from './wal-store.ts'

/** Small, so that a short script fills several segments and overwrites zeros. */
const adapter = walAdapter({ segmentBytesMax: 2500, preallocatedBytes: 1024, recentBytesMax: 600 })
const writes = scriptedWrites()
const states = statesOf(writes)
const SEEDS = 40

/** Runs the script until the power fails before operation `cutAt`; returns what was promised. */
function runUntilCut(seed: number, cutAt: number, loss: Loss) {
  let operations = 0
  let isCut = false
  const machine = createMachine(seed, () => {
    operations += 1
    if (isCut || operations !== cutAt) return
    isCut = true
    throw new PowerCut()
  })
  let issued = 0
  let acknowledged = 0
  try {
    const store = openOn(machine, adapter)
    for (const [at, write] of writes.entries()) {
      if (isCut) break
      issued = at + 1
      store.persist(write, (error) => {
        if (error === undefined && !isCut) acknowledged = write.id
      })
      // Less than a sync takes: several writes are outstanding, with some seeds nearly all.
      machine.clock.advanceTo(machine.clock.nowNs() + (seed % 2 === 0 ? 40 : 400))
    }
    if (!isCut) machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
    if (!isCut) store.close(() => {})
    if (!isCut) machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
  }
  machine.disk.cutPower(loss)
  return { machine, issued, acknowledged, isCut }
}

class PowerCut extends Error {}

/** Opens after a cut; returns after how many writes the log stands. */
function recoveredWrites(machine: Machine, issued: number): number {
  const store = openOn(machine, adapter)
  const state = restoredState(store)
  const candidates = states.slice(0, issued + 1)
  const found = candidates.findLastIndex((one) => JSON.stringify(one) === JSON.stringify(state))
  expect(found, 'the recovered log is that after some write').toBeGreaterThanOrEqual(0)
  expect(store.restored.terms).toEqual(termsOf(state.entries))
  expect(state.entries.slice(state.entries.length - store.restored.tail.length)).toEqual(
    store.restored.tail,
  )
  machine.disk.killProcesses()
  return found
}

test.each<Loss>(['all', 'none', 'some'])(
  'a power cut at any moment that loses %s keeps what was promised, whole writes only',
  (loss) => {
    let cuts = 0
    for (let seed = 1; seed <= (loss === 'some' ? SEEDS : 1); seed += 1) {
      for (let cutAt = 1; ; cutAt += 1) {
        const { machine, issued, acknowledged, isCut } = runUntilCut(seed, cutAt, loss)
        const found = recoveredWrites(machine, issued)
        expect(found, `seed ${seed}, cut before ${cutAt}`).toBeGreaterThanOrEqual(acknowledged)
        if (!isCut) break
        cuts += 1
      }
    }
    expect(cuts).toBeGreaterThan(20)
  },
)

test('the log goes on after a power cut as if nothing had been there', () => {
  for (let cutAt = 1; ; cutAt += 1) {
    const { machine, issued, isCut } = runUntilCut(cutAt, cutAt, 'some')
    if (!isCut) break
    const kept = states[recoveredWrites(machine, issued)]?.entries ?? []
    const store = openOn(machine, adapter)
    const more = run(9, kept.length + 1, 3, 500)
    let outcome: unknown = 'none'
    const write = { id: 1, hardState: undefined, truncateFrom: undefined, entries: more }
    store.persist(write, (error) => {
      outcome = error
    })
    machine.clock.advanceTo(machine.clock.nowNs() + 100_000)

    machine.disk.cutPower('all')

    expect(outcome).toBeUndefined()
    expect(restoredState(openOn(machine, adapter)).entries).toEqual([...kept, ...more])
  }
})

test('what a killed process left in the page cache is made durable before it is believed', () => {
  const machine = createMachine(1)
  const store = openOn(machine, adapter)
  const [first, second] = writes as [Persist, Persist]
  store.persist(first, () => {})
  machine.clock.advanceTo(100_000)
  store.persist(second, () => {})
  machine.disk.killProcesses()

  expect(recoveredWrites(machine, 2)).toBe(2)
  machine.disk.cutPower('all')

  expect(recoveredWrites(machine, 2)).toBe(2)
})

test('a store at D1 never syncs and still recovers whole writes after a cut', () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const machine = createMachine(seed)
    const store = openOn(machine, adapter, 'D1')
    for (const write of writes) store.persist(write, () => {})
    expect(store.counters.syncs).toBe(0)

    machine.disk.cutPower('some')

    recoveredWrites(machine, writes.length)
  }
})

test('D3 syncs once for each write, D2 once for several', () => {
  const syncsAt = (durability: 'D2' | 'D3'): number => {
    const machine = createMachine(1)
    const store = openOn(machine, walAdapter(), durability)
    let done = 0
    for (const write of writes) store.persist(write, () => (done += 1))
    machine.clock.advanceTo(1_000_000)
    expect(done).toBe(writes.length)
    return store.counters.syncs
  }

  // One more each for the name of the first segment.
  expect(syncsAt('D3')).toBe(writes.length + 1)
  expect(syncsAt('D2')).toBe(2 + 1)
})

test('entries are read from memory, from frames, and in pieces of a bounded size', () => {
  const machine = createMachine(1)
  const store = openOn(machine, adapter)
  for (const write of writes) store.persist(write, () => {})
  const all = states.at(-1)?.entries ?? []

  for (let start = 1; start <= all.length; start += 1) {
    for (let end = start + 1; end <= all.length + 1; end += 1) {
      expect(store.read(LogIndex(start), LogIndex(end), Infinity)).toEqual(
        all.slice(start - 1, end - 1),
      )
      expect(store.read(LogIndex(start), LogIndex(end), 0)).toEqual([all[start - 1]])
    }
  }
})
