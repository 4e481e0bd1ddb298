import { crc32c } from '../../src/base/crc32c.ts'
import { prngFromSeed } from '../../src/base/prng.ts'
import type { Durability } from '../../src/contract/durability.ts'
import { GroupId, LogIndex, NodeId, Term } from '../../src/contract/types.ts'
import type { HardState, Persist } from '../../src/replica/consensus/effects.ts'
import type { Entry } from '../../src/replica/consensus/message.ts'
import type { Store, StoreAdapter } from '../../src/replica/store/store.ts'
import { type DiskOperation, VirtualDisk } from '../../src/replica/store/virtual-disk.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'

export const DIRECTORY = '/node/groups/0'

/** All that a store must remember, said the dumb way. */
export type LogState = { readonly hardState: HardState; readonly entries: readonly Entry[] }

const EMPTY: LogState = { hardState: { term: Term(0), votedFor: undefined }, entries: [] }

export type Machine = { readonly clock: ManualClock; readonly disk: VirtualDisk }

export function createMachine(
  seed: number,
  beforeOperation: (operation: DiskOperation) => void = () => {},
): Machine {
  const clock = createManualClock()
  const prng = prngFromSeed(seed)
  const disk = new VirtualDisk({ clock, prng, syncNsMin: 500, syncNsMax: 2000, beforeOperation })
  return { clock, disk }
}

export const openOn = (
  { clock, disk }: Machine,
  adapter: StoreAdapter,
  durability: Durability = 'D2',
  { node, group } = { node: 1, group: 0 },
): Store =>
  adapter.open({
    directory: DIRECTORY,
    node: NodeId(node),
    group: GroupId(group),
    durability,
    disk,
    clock,
    crc32c,
    syncDelayNs: 0,
  })

/** Writes of all shapes: votes, appends of one term and of two, truncations, one large entry. */
export function script(): Persist[] {
  const writes: Omit<Persist, 'id'>[] = [
    { hardState: vote(1, 1), truncateFrom: undefined, entries: [] },
    { hardState: undefined, truncateFrom: undefined, entries: run(1, 1, 3, 40) },
    { hardState: undefined, truncateFrom: undefined, entries: run(1, 4, 2, 700) },
    { hardState: vote(2, 3), truncateFrom: LogIndex(5), entries: run(2, 5, 2, 100) },
    { hardState: undefined, truncateFrom: undefined, entries: run(2, 7, 1, 9000) },
    { hardState: vote(4, undefined), truncateFrom: LogIndex(3), entries: [] },
    {
      hardState: undefined,
      truncateFrom: undefined,
      entries: [...run(3, 3, 2, 300), ...run(4, 5, 2, 5)],
    },
    { hardState: vote(5, 2), truncateFrom: LogIndex(6), entries: run(5, 6, 4, 200) },
    { hardState: undefined, truncateFrom: undefined, entries: run(5, 10, 1, 0) },
  ]
  return writes.map((write, at) => ({ ...write, id: at + 1 }))
}

/** The states before the first write and after each. */
export function statesOf(writes: readonly Persist[], from: LogState = EMPTY): LogState[] {
  const states = [from]
  for (const { hardState, truncateFrom, entries } of writes) {
    const before = states[states.length - 1] as LogState
    const kept = before.entries.filter(({ index }) => index < (truncateFrom ?? Infinity))
    states.push({ hardState: hardState ?? before.hardState, entries: [...kept, ...entries] })
  }
  return states
}

/** What a store says that it holds: entries by reading, the rest by what it restored. */
export function restoredState(store: Store): LogState {
  const { hardState, lastIndex } = store.restored
  const entries: Entry[] = []
  while (entries.length < lastIndex) {
    const next = LogIndex(entries.length + 1)
    entries.push(...store.read(next, LogIndex(lastIndex + 1), 500))
  }
  return { hardState, entries }
}

/** The terms that a store restores must tell the same story as its entries. */
export const termsOf = (entries: readonly Entry[]): Store['restored']['terms'] =>
  entries
    .filter(({ term, index }) => term !== entries[index - 2]?.term)
    .map(({ term, index }) => ({ term, firstIndex: index }))

const vote = (term: number, votedFor: number | undefined): HardState => ({
  term: Term(term),
  votedFor: votedFor === undefined ? undefined : NodeId(votedFor),
})

export function run(term: number, first: number, count: number, bytes: number): Entry[] {
  return Array.from({ length: count }, (_, nth) => ({
    term: Term(term),
    index: LogIndex(first + nth),
    kind: bytes === 0 ? 'noop' : 'records',
    payload: Uint8Array.from({ length: bytes }, (_, at) => (term * 31 + first + nth + at) & 255),
  }))
}
