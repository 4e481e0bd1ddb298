import { LogIndex, NodeId, Term } from '../../contract/types.ts'
import type { HardState, Persist } from '../../replica/consensus/effects.ts'
import type { Entry } from '../../replica/consensus/message.ts'
import type { Store } from '../../replica/store/store.ts'

/** All that a store must remember, said the dumb way. */
export type LogState = { readonly hardState: HardState; readonly entries: readonly Entry[] }

export const EMPTY_LOG: LogState = {
  hardState: { term: Term(0), votedFor: undefined },
  entries: [],
}

/** Writes of all shapes: votes, appends of one term and of two, truncations, one large entry. */
export function scriptedWrites(): Persist[] {
  return numbered([
    { hardState: voteOf(1, 1) },
    { entries: run(1, 1, 3, 40) },
    { entries: run(1, 4, 2, 700) },
    { hardState: voteOf(2, 3), truncateFrom: LogIndex(5), entries: run(2, 5, 2, 100) },
    { entries: run(2, 7, 1, 9000) },
    { hardState: voteOf(4, undefined), truncateFrom: LogIndex(3) },
    { entries: [...run(3, 3, 2, 300), ...run(4, 5, 2, 5)] },
    { hardState: voteOf(5, 2), truncateFrom: LogIndex(6), entries: run(5, 6, 4, 200) },
    { entries: run(5, 10, 1, 0) },
  ])
}

/** Fills in what a write leaves out, and numbers the writes from 1. */
export const numbered = (writes: readonly Partial<Persist>[]): Persist[] =>
  writes.map((write, at) => ({
    hardState: undefined,
    truncateFrom: undefined,
    entries: [],
    ...write,
    id: at + 1,
  }))

/** The states before the first write and after each. */
export function statesOf(writes: readonly Persist[], from: LogState = EMPTY_LOG): LogState[] {
  const states = [from]
  let last = from
  for (const { hardState, truncateFrom, entries } of writes) {
    const kept = last.entries.filter(({ index }) => index < (truncateFrom ?? Infinity))
    last = { hardState: hardState ?? last.hardState, entries: [...kept, ...entries] }
    states.push(last)
  }
  return states
}

export const finalState = (writes: readonly Persist[]): LogState =>
  statesOf(writes).at(-1) ?? EMPTY_LOG

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

/** The same of a store whose log may begin later, since some of it was compacted. */
export function keptState(store: Store): LogState {
  const { hardState, terms, lastIndex } = store.restored
  const entries: Entry[] = []
  let next: number = terms[0]?.firstIndex ?? lastIndex + 1
  while (next <= lastIndex) {
    const found = store.read(LogIndex(next), LogIndex(lastIndex + 1), 1_000_000)
    entries.push(...found)
    next += found.length
  }
  return { hardState, entries }
}

/** The terms that a store restores must tell the same story as its entries. */
export const termsOf = (entries: readonly Entry[]): Store['restored']['terms'] =>
  entries
    .filter(({ term }, at) => term !== entries[at - 1]?.term)
    .map(({ term, index }) => ({ term, firstIndex: index }))

export const voteOf = (term: number, votedFor: number | undefined): HardState => ({
  term: Term(term),
  votedFor: votedFor === undefined ? undefined : NodeId(votedFor),
})

/** `count` entries with payloads that no two of them share. */
export function run(term: number, first: number, count: number, bytes: number): Entry[] {
  return Array.from({ length: count }, (_, nth) => ({
    term: Term(term),
    index: LogIndex(first + nth),
    kind: bytes === 0 ? 'noop' : 'records',
    payload: payloadOf(term * 31 + first + nth, bytes),
  }))
}

function payloadOf(start: number, bytes: number): Uint8Array {
  const payload = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at += 1) payload[at] = start + at
  return payload
}

export const sameState = (a: LogState, b: LogState): boolean =>
  a.hardState.term === b.hardState.term &&
  a.hardState.votedFor === b.hardState.votedFor &&
  sameEntries(a.entries, b.entries)

export const sameEntries = (a: readonly Entry[], b: readonly Entry[]): boolean =>
  a.length === b.length && a.every((entry, at) => sameEntry(entry, b[at]))

function sameEntry(a: Entry, b: Entry | undefined): boolean {
  if (b === undefined || a.term !== b.term || a.index !== b.index || a.kind !== b.kind) return false
  return sameBytes(a.payload, b.payload)
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false
  return a.length === b.length
}

/** `write 4: vote 2/3, from 5 away, entries 5..6 of 200 bytes`. */
export function describeWrite({ id, hardState, truncateFrom, entries }: Persist): string {
  const parts: string[] = []
  if (hardState !== undefined)
    parts.push(`vote ${hardState.term}/${hardState.votedFor ?? 'nobody'}`)
  if (truncateFrom !== undefined) parts.push(`from ${truncateFrom} away`)
  const last = entries.at(-1)
  if (last !== undefined) {
    const bytes = entries.reduce((sum, { payload }) => sum + payload.length, 0)
    parts.push(`entries ${entries[0]?.index}..${last.index} of ${bytes} bytes`)
  }
  return `write ${id}: ${parts.join(', ')}`
}

export function describeState({ hardState, entries }: LogState): string {
  const terms = termsOf(entries).map(({ term, firstIndex }) => `term ${term} from ${firstIndex}`)
  const log =
    entries.length === 0 ? 'no entries' : `entries 1..${entries.length}, ${terms.join(', ')}`
  return `vote ${hardState.term}/${hardState.votedFor ?? 'nobody'}, ${log}`
}
