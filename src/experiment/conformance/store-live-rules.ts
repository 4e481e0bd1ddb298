import { LogIndex } from '../../contract/types.ts'
import type { Persist } from '../../replica/consensus/effects.ts'
import { hold } from './broken.ts'
import type { StoreSession } from './store-lab.ts'
import type { StoreRule } from './store-rule.ts'
import {
  describeState,
  EMPTY_LOG,
  finalState,
  numbered,
  restoredState,
  run,
  sameEntries,
  sameState,
} from './store-sequence.ts'

const OUTSTANDING = 2_000
const LARGE_BYTES = 4 * 1024 * 1024

/** What a store promises while it is open. */
export const storeLiveRules: readonly StoreRule[] = [
  {
    name: 'starts-empty',
    promise: 'a new directory holds no vote and no entry',
    asks: 'all',
    check: async (lab) => {
      const { store } = lab.open()
      const state = restoredState(store)
      const { terms, tail } = store.restored
      const isEmpty = sameState(state, EMPTY_LOG) && terms.length + tail.length === 0
      hold(isEmpty, describeState(EMPTY_LOG), describeState(state))
    },
  },
  {
    name: 'ends-in-order',
    promise: 'each write ends once, in the order of the calls',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      const ended: number[] = []
      const writes = appends(9)
      const note = (write: Persist) => () => ended.push(write.id)
      await Promise.all(writes.map((write) => session.persist(write).then(note(write))))
      await session.close()
      hold(`${ended}` === `${writes.map(({ id }) => id)}`, '1 to 9, each once', `${ended}`)
    },
  },
  {
    name: 'reads-back',
    promise: 'entries are read as they were written: payload, index',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      await session.persistAll(numbered([{ entries: run(1, 1, 5, 300) }]))
      holdPayloads(session, run(1, 1, 5, 300))
    },
  },
  {
    name: 'kinds-and-terms',
    promise: 'the kind and the term of an entry are kept, also without a payload',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      const entries = [...run(1, 1, 1, 0), ...run(2, 2, 1, 10), ...run(7, 3, 1, 0)]
      const records = { ...entries[2], kind: 'records' } as (typeof entries)[0]
      const written = [...entries.slice(0, 2), records]
      await session.persistAll(numbered([{ entries: written }]))
      const found = readAll(session, 3)
      const seen = found.map(({ kind, term }) => `${kind} of term ${term}`).join(', ')
      hold(sameEntries(found, written), 'noop of 1, records of 2, records of 7', seen)
    },
  },
  {
    name: 'reads-while-writing',
    promise: 'entries can be read as soon as persist was called',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      const [first, second] = numbered([
        { entries: run(1, 1, 2, 50) },
        { entries: run(1, 3, 2, 50) },
      ]) as [Persist, Persist]
      const writing = [session.persist(first), session.persist(second)]
      const found = tried(() => readAll(session, 4))
      await Promise.all(writing)
      hold(found.length === 4, 'entries 1..4 before the write has ended', `${found.length} entries`)
    },
  },
  {
    name: 'truncates-then-appends',
    promise: 'a write drops a suffix and puts another in its place',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      const writes = numbered([
        { entries: run(1, 1, 5, 20) },
        { truncateFrom: LogIndex(3), entries: run(2, 3, 2, 20) },
      ])
      await session.persistAll(writes)
      holdEntries(session, finalState(writes).entries)
    },
  },
  {
    name: 'truncates-alone',
    promise: 'a suffix can go without another in its place, and the log goes on there',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      const writes = numbered([
        { entries: run(1, 1, 4, 20) },
        { truncateFrom: LogIndex(3) },
        { entries: run(2, 3, 2, 20) },
      ])
      await session.persistAll(writes)
      holdEntries(session, finalState(writes).entries)
    },
  },
  {
    name: 'any-range',
    promise: 'every range of the log can be read',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      const entries = run(1, 1, 8, 30)
      await session.persistAll(
        numbered([{ entries: entries.slice(0, 3) }, { entries: entries.slice(3) }]),
      )
      for (let start = 1; start <= 8; start += 1) {
        for (let end = start + 1; end <= 9; end += 1) {
          const found = session.store.read(LogIndex(start), LogIndex(end), Infinity)
          const indexes = found.map(({ index }) => index)
          const isRight = sameEntries(found, entries.slice(start - 1, end - 1))
          hold(isRight, `entries ${start}..${end - 1} of [${start}, ${end})`, `entries ${indexes}`)
        }
      }
    },
  },
  {
    name: 'bounded-reads',
    promise: 'a read ends before the payloads exceed its limit, but not before one entry',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      await session.persistAll(numbered([{ entries: run(1, 1, 6, 100) }]))
      for (const [bytesMax, count] of [
        [0, 1],
        [100, 1],
        [299, 2],
        [300, 3],
        [1e9, 6],
      ] as const) {
        const found = session.store.read(LogIndex(1), LogIndex(7), bytesMax)
        hold(found.length === count, `${count} entries in ${bytesMax} bytes`, `${found.length}`)
      }
    },
  },
  {
    name: 'large-entries',
    promise: `an entry may have ${LARGE_BYTES} bytes, between small ones`,
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      const entries = [...run(1, 1, 1, 10), ...run(1, 2, 1, LARGE_BYTES), ...run(1, 3, 1, 10)]
      await session.persistAll(numbered(entries.map((entry) => ({ entries: [entry] }))))
      holdEntries(session, entries)
    },
  },
  {
    name: 'many-outstanding',
    promise: `${OUTSTANDING} writes may be outstanding at once`,
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      const writes = appends(OUTSTANDING)
      await Promise.all(writes.map((write) => session.persist(write)))
      holdEntries(session, finalState(writes).entries)
    },
  },
  {
    name: 'close-waits',
    promise: 'closing ends after all writes that are outstanding',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      let ended = 0
      const writes = appends(9)
      const writing = writes.map((write) => session.persist(write).then(() => (ended += 1)))
      await session.close()
      const atClose = ended
      await Promise.all(writing)
      hold(atClose === writes.length, `${writes.length} writes ended first`, `${atClose}`)
    },
  },
  {
    name: 'leaves-payloads-alone',
    promise: 'the payloads that it is given, which others hold too, are not changed',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      const entries = run(1, 1, 3, 200)
      await session.persistAll(numbered([{ entries }]))
      hold(sameEntries(entries, run(1, 1, 3, 200)), 'the same bytes after the write', 'others')
    },
  },
  {
    name: 'counts',
    promise: 'at D2 and D3 a write that has ended was synced, and the sync is counted',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      const { syncs } = session.store.counters
      await session.persistAll(numbered([{ entries: run(1, 1, 1, 10) }]))
      const counted = session.store.counters.syncs - syncs
      const isSynced = lab.durability === 'D2' || lab.durability === 'D3'
      hold(!isSynced || counted >= 1, 'one sync or more', `${counted}`)
    },
  },
]

/** So many writes of one entry each. */
const appends = (count: number): Persist[] =>
  numbered(run(1, 1, count, 60).map((entry) => ({ entries: [entry] })))

const readAll = (session: StoreSession, lastIndex: number) =>
  session.store.read(LogIndex(1), LogIndex(lastIndex + 1), Infinity)

function holdEntries(session: StoreSession, wanted: ReturnType<typeof run>): void
function holdEntries(session: StoreSession, wanted: readonly ReturnType<typeof run>[0][]): void
function holdEntries(session: StoreSession, wanted: readonly ReturnType<typeof run>[0][]): void {
  const found = readAll(session, wanted.length)
  const at = wanted.findIndex(
    (entry, place) => !sameEntries([entry], found.slice(place, place + 1)),
  )
  const isSame = at === -1 && found.length === wanted.length
  hold(isSame, `entries 1..${wanted.length} as written`, `another entry ${at + 1}`)
}

/** Terms and kinds are another rule's. */
function holdPayloads(session: StoreSession, wanted: ReturnType<typeof run>): void {
  const found = readAll(session, wanted.length)
  for (const [at, { index, payload }] of wanted.entries()) {
    const seen = found[at]
    const isSame = seen?.index === index && `${seen.payload}` === `${payload}`
    hold(isSame, `entry ${index} as written`, `entry ${seen?.index} with another payload`)
  }
}

/** A store that throws has nothing to read. */
function tried<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch {
    return []
  }
}
