import { LogIndex } from '../../contract/types.ts'
import type { Persist } from '../../replica/consensus/effects.ts'
import type { Entry } from '../../replica/consensus/message.ts'
import type { Store } from '../../replica/store/store.ts'
import type { Loss } from '../../replica/store/virtual-file.ts'
import { Broken, hold } from './broken.ts'
import type { StoreLab } from './store-lab.ts'
import { StoreMachine } from './store-machine.ts'
import type { StoreRule } from './store-rule.ts'
import {
  finalState,
  keptState,
  numbered,
  run,
  sameEntries,
  termsOf,
  voteOf,
} from './store-sequence.ts'

/** Bytes of a log, of which a store must forget some once all are compacted: tried in turn. */
const LOG_BYTES = [1 << 20, 72 << 20] as const
const WRITES = 18

/** What a store promises when the front of its log is not needed any more. */
export const storeCompactionRules: readonly StoreRule[] = [
  {
    name: 'compacts',
    promise: 'after a compaction the entries behind it are read, and the log goes on',
    asks: 'all',
    check: async (lab) => {
      const session = lab.open()
      const writes = numbered([
        { hardState: voteOf(6, 1), entries: run(6, 1, 5000, 20) },
        { entries: run(7, 5001, 20, 20) },
        { entries: run(7, 5021, 3, 20) },
      ])
      const [first, second, third] = writes as [Persist, Persist, Persist]
      await session.persist(first)
      session.store.compact(LogIndex(4800))
      session.store.compact(LogIndex(7))
      await session.persist(second)
      holdRead(session.store, 4801, finalState([first, second]).entries)
      session.store.compact(LogIndex(5020))
      await session.persist(third)
      holdRead(session.store, 5021, finalState(writes).entries)
    },
  },
  {
    name: 'reopens-compacted',
    promise: 'after compacting, closing and opening, all else is there: vote, terms, entries, end',
    asks: 'durable',
    check: async (lab) => {
      const writes = numbered([
        { hardState: voteOf(6, 2), entries: run(5, 1, 30, 200) },
        { entries: run(6, 31, 10, 200) },
        { truncateFrom: LogIndex(39), entries: run(7, 39, 2, 100) },
      ])
      const last = writes[2] as Persist
      const session = lab.open()
      await session.persistAll(writes.slice(0, 2))
      session.store.compact(LogIndex(25))
      await session.persist(last)
      await session.close()
      const again = lab.open(session.directory)
      holdKept(again.store, writes, 25)

      again.store.compact(LogIndex(40))
      const next = { ...last, truncateFrom: undefined, hardState: voteOf(8, 1), entries: [] }
      await again.persist(next)
      await again.close()
      const third = lab.open(session.directory)
      holdKept(third.store, [...writes, next], 40)
      const more = { ...next, id: 1, entries: run(8, 41, 2, 100) }
      await third.persist(more)
      await third.close()
      holdKept(lab.open(session.directory).store, [...writes, next, more], 40)
    },
  },
  {
    name: 'forgets',
    promise: `of a log of ${LOG_BYTES[1]} bytes that was compacted some is forgotten`,
    asks: 'durable',
    check: async (lab) => {
      for (const bytes of LOG_BYTES) if ((await firstIndexAfter(lab, bytes)) > 1) return
      throw new Broken('a log that begins behind entry 1', 'one that begins at 1')
    },
  },
  {
    name: 'power-cut-compacts',
    promise: 'a power cut at any moment of a compaction takes neither vote nor what is behind it',
    asks: 'on-disk',
    check: async (lab) => {
      const [small, large] = LOG_BYTES
      const bytes = (await firstIndexAfter(lab, small)) > 1 ? small : large
      for (
        let at = 1;
        cutDuringCompaction(lab, bytes, { at, loss: 'all', names: 'all' });
        at += 1
      ) {
        cutDuringCompaction(lab, bytes, { at, loss: 'all', names: 'none' })
        cutDuringCompaction(lab, bytes, { at, loss: 'some', names: 'some' })
      }
    },
  },
]

/** Where a log of so many bytes begins after a compaction of all, one more write and opening. */
async function firstIndexAfter(lab: StoreLab, bytes: number): Promise<number> {
  const session = lab.open()
  const writes = writesOf(bytes)
  const begun = writes.slice(0, -1)
  await Promise.all(begun.map((write) => session.persist(write)))
  session.store.compact(LogIndex(begun.length))
  await session.persistAll(writes.slice(-1))
  await session.close()
  const again = lab.open(session.directory)
  holdKept(again.store, writes, begun.length)
  await again.close()
  return firstIndexOf(again.store)
}

const firstIndexOf = ({ restored: { terms, lastIndex } }: Store): number =>
  terms[0]?.firstIndex ?? lastIndex + 1

/** A vote, and as many bytes as that in entries, one in each write. */
const writesOf = (bytes: number): Persist[] =>
  numbered(
    Array.from({ length: WRITES }, (_, nth) => ({
      hardState: nth === 0 ? voteOf(6, 3) : undefined,
      entries: run(6, nth + 1, 1, Math.floor(bytes / WRITES)),
    })),
  )

function holdRead(store: Store, start: number, all: readonly Entry[]): void {
  const wanted = all.slice(start - 1)
  const found: Entry[] = []
  while (found.length < wanted.length) {
    const next = LogIndex(start + found.length)
    found.push(...tryRead(store, next, LogIndex(all.length + 1)))
  }
  hold(sameEntries(found, wanted), `entries ${start}..${all.length} as written`, 'others')
}

function tryRead(store: Store, start: LogIndex, end: LogIndex): readonly Entry[] {
  try {
    return store.read(start, end, 500_000)
  } catch (error) {
    throw new Broken(`entries from ${start} on`, String(error))
  }
}

/** Everything behind `through` must be there, and of what is before it any suffix may. */
function holdKept(store: Store, writes: readonly Persist[], through: number): void {
  const wanted = finalState(writes)
  const { hardState, entries } = keptState(store)
  const { restored } = store
  const { term, votedFor } = wanted.hardState
  const hasVote = hardState.term === term && hardState.votedFor === votedFor
  hold(hasVote, `vote ${term}/${votedFor}`, `vote ${hardState.term}/${hardState.votedFor}`)
  const last = wanted.entries.length
  hold(restored.lastIndex === last, `a log to ${last}`, `one to ${restored.lastIndex}`)
  const first = firstIndexOf(store)
  hold(first <= through + 1, `a log from at most ${through + 1}`, `one from ${first}`)
  const isSuffix = sameEntries(entries, wanted.entries.slice(first - 1))
  hold(isSuffix, `entries ${first}..${last} as written`, 'others')
  const terms = JSON.stringify(restored.terms)
  const wantedTerms = JSON.stringify(termsOf(entries))
  hold(terms === wantedTerms, `terms ${wantedTerms}`, terms)
}

class PowerCut extends Error {}

type Cut = { readonly at: number; readonly loss: Loss; readonly names: Loss }

/** Whether the compaction had an operation of this number; before it the power is cut. */
function cutDuringCompaction(lab: StoreLab, bytes: number, { at, loss, names }: Cut): boolean {
  let isCounting = false
  let operations = 0
  let isCut = false
  const machine = new StoreMachine(lab, at, () => {
    if (isCounting) operations += 1
    if (isCut || operations !== at) return
    isCut = true
    throw new PowerCut()
  })
  const writes = writesOf(bytes)
  const store = machine.open()
  machine.outcomes(store, writes)
  isCounting = true
  try {
    store.compact(LogIndex(writes.length))
    machine.wait()
  } catch (error) {
    if (!isCut) throw error
  }
  if (!isCut) return false
  machine.disk.cutPower(loss, names)
  const sequence = `${writes.length} writes, compaction, power cut before its operation ${at}`
  try {
    holdKept(machine.open(), writes, writes.length)
  } catch (error) {
    throw new Broken(`all but what was compacted, loss ${loss}`, `${String(error)}; ${sequence}`)
  }
  return true
}
