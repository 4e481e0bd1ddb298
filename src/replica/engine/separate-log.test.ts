import { expect, test } from 'vitest'
import { createHeldStore, type HeldStore } from '../../../test/support/held-store.ts'
import { LogIndex, NodeId, Term } from '../../contract/types.ts'
import { run } from '../../experiment/conformance/store-sequence.ts'
import type { Restored } from '../consensus/core.ts'
import type { Entry } from '../consensus/message.ts'
import type { Store } from '../store/store.ts'
import { openLog, SeparateLog } from './separate-log.ts'

const NO_VOTE = { term: Term(0), votedFor: undefined }
const VOTE = { term: Term(3), votedFor: NodeId(1) }

const write = (entries: readonly Entry[]) => ({
  id: 1,
  hardState: undefined,
  truncateFrom: undefined,
  entries,
})

/** Both logs in memory; writes of the partition's own wait until the test completes them. */
function logs(entries: readonly Entry[]) {
  const raft = createHeldStore({ hardState: VOTE, entries })
  const partition = createHeldStore()
  partition.hold()
  const log = new SeparateLog(raft, partition)
  return { raft, partition, log }
}

const indexesIn = (store: Store): number[] => {
  const { lastIndex } = (store as HeldStore).reopened().restored
  return lastIndex === 0
    ? []
    : store.read(LogIndex(1), LogIndex(lastIndex + 1), Infinity).map(({ index }) => index)
}

test('what is applied is written once more, as far as the Raft log holds it durably', () => {
  const entries = run(3, 1, 6, 10)
  const { partition, log } = logs(entries)

  log.applied(entries.slice(0, 4))
  log.writeThrough(LogIndex(2))

  expect(indexesIn(partition)).toEqual([1, 2])
  log.writeThrough(LogIndex(6))
  expect(partition.outstanding, 'one write at a time').toBe(1)
  partition.complete()
  expect(indexesIn(partition)).toEqual([1, 2, 3, 4])
})

test('a truncation takes back what was durable, also while a write is on the way', () => {
  const entries = run(3, 1, 6, 10)
  const { partition, log } = logs(entries)
  log.applied(entries.slice(0, 1))
  log.writeThrough(LogIndex(6))
  log.applied(entries.slice(1, 3))
  log.writeThrough(LogIndex(2))

  partition.complete()

  expect(indexesIn(partition)).toEqual([1, 2])
})

test('the Raft log is compacted behind what the partition’s log holds durably', () => {
  const entries = run(3, 1, 6, 10)
  const { raft, partition, log } = logs(entries)
  log.applied(entries.slice(0, 4))
  log.writeThrough(LogIndex(6))
  expect(raft.compactedThrough).toBe(0)

  partition.complete()

  expect(raft.compactedThrough).toBe(4)
})

test('entries are read from the log that has them for certain', () => {
  const entries = run(3, 1, 6, 10)
  const { raft, partition, log } = logs(entries)
  log.applied(entries.slice(0, 4))
  log.writeThrough(LogIndex(6))
  raft.persist({ ...write([]), truncateFrom: LogIndex(1) }, () => {})
  raft.persist(write(entries), () => {})

  expect(log.read(LogIndex(2), LogIndex(7), Infinity)).toEqual(entries.slice(1, 4))
  expect(log.read(LogIndex(5), LogIndex(7), Infinity)).toEqual(entries.slice(4))
  expect(partition.outstanding).toBe(1)
})

test('a partition’s log that fails ends it all', () => {
  const entries = run(3, 1, 2, 10)
  const { raft, partition, log } = logs(entries)
  log.applied(entries)
  log.writeThrough(LogIndex(2))

  partition.fail(new Error('the sync failed'))

  expect(log.writeThrough(LogIndex(2))).toBe('partition log: the sync failed')
  expect(() => log.read(LogIndex(1), LogIndex(3), Infinity)).toThrow('the sync failed')
  expect(raft.compactedThrough).toBe(0)
})

/** A store that was opened with this. */
const opened = (restored: Partial<Restored>): Store => {
  const store = createHeldStore()
  return { ...store, restored: { ...store.restored, ...restored } }
}
const from = (first: number, terms: readonly number[], last: number): Partial<Restored> => ({
  hardState: VOTE,
  terms: terms
    .map((term, at) => ({ term: Term(term), firstIndex: LogIndex(first + at) }))
    .filter(({ term }, at) => term !== terms[at - 1]),
  lastIndex: LogIndex(last),
})
/** Terms 1, 2, 2, 3. */
const four = { ...from(1, [1, 2], 4), hardState: NO_VOTE }
const partitionOf4: Partial<Restored> = {
  ...four,
  terms: [...(four.terms ?? []), { term: Term(3), firstIndex: LogIndex(4) }],
}

test.each([
  ['a Raft log that goes on where the other ends', from(5, [3, 4], 7), [1, 2, 3, 4]],
  ['one that overlaps', from(3, [2, 3, 3, 4], 7), [1, 2, 3, 4]],
  ['one without entries', from(5, [], 4), [1, 2, 3]],
  ['a whole one', from(1, [1, 2], 3), 'has lost what was durable'],
  ['a gap between them', from(6, [3], 8), 'held by neither'],
  ['another term where they overlap', from(4, [2, 3], 5), 'of different terms'],
])('two logs as one: %s', (_, raft, expected) => {
  const open = () => new SeparateLog(opened(raft), opened(partitionOf4))

  if (typeof expected === 'string') expect(open).toThrow(expected)
  else {
    const { restored, committedIndex } = open()
    expect(restored.terms.map(({ term }) => term)).toEqual(expected)
    expect(restored.terms.map(({ firstIndex }) => firstIndex)).toEqual(
      [1, 2, 4, 6].slice(0, expected.length),
    )
    expect(restored).toMatchObject({ hardState: VOTE, lastIndex: raft.lastIndex })
    expect(committedIndex).toBe(4)
  }
})

test.each([
  ['raft-log-is-partition', from(3, [2], 4), {}, 'begins at entry 3'],
  ['separate-log', from(1, [1], 4), from(1, [1], 2), 'holds a vote'],
  ['separate-log', from(1, [1], 4), { ...from(2, [1], 2), hardState: NO_VOTE }, 'its beginning'],
] as const)('layout %s refuses what another one left, and closes it', (layout, raft, own, why) => {
  const closed: string[] = []

  expect(() =>
    openLog(layout, (folder) => ({
      ...opened(folder === 'groups' ? raft : own),
      close: () => closed.push(folder),
    })),
  ).toThrow(why)

  expect(closed.sort()).toEqual(layout === 'separate-log' ? ['groups', 'partitions'] : ['groups'])
})
