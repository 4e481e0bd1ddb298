import type { LogIndex, Term } from '../../src/contract/types.ts'
import type { TermStart } from '../../src/replica/consensus/core.ts'
import type { HardState } from '../../src/replica/consensus/effects.ts'
import type { Entry } from '../../src/replica/consensus/message.ts'
import type { Store } from '../../src/replica/store/store.ts'

/** A store in memory whose writes become durable when the test says so. */
export type HeldStore = Store & {
  /** From now on writes wait for `complete`; before that they are done at once. */
  hold(): void
  /** Completes the oldest writes, all of them if no count is given. */
  complete(count?: number): void
  fail(error: Error): void
  /** Writes that are not durable yet. */
  readonly outstanding: number
  /** What it was last allowed to forget; it keeps it all the same. */
  readonly compactedThrough: number
  /** Everything written, as a store that is opened again would find it. */
  reopened(): HeldStore
}

export function createHeldStore(restored?: {
  hardState: HardState
  entries: readonly Entry[]
}): HeldStore {
  let hardState: HardState = restored?.hardState ?? { term: 0 as Term, votedFor: undefined }
  let entries: Entry[] = [...(restored?.entries ?? [])]
  let waiting: ((error?: Error) => void)[] = []
  let isHeld = false
  let compactedThrough = 0
  const counters = { syncs: 0, bytesWritten: 0, writes: 0 }

  return {
    restored: {
      hardState,
      terms: termsOf(entries),
      lastIndex: entries.length as LogIndex,
      tail: [...entries],
    },
    counters,
    persist: (write, done) => {
      hardState = write.hardState ?? hardState
      if (write.truncateFrom !== undefined) entries = entries.slice(0, write.truncateFrom - 1)
      entries.push(...write.entries)
      counters.writes += 1
      if (isHeld) waiting.push(done)
      else done()
    },
    read: (start, end) => entries.slice(start - 1, end - 1),
    compact: (through) => {
      compactedThrough = through
    },
    get compactedThrough() {
      return compactedThrough
    },
    close: (done) => done(),
    hold: () => {
      isHeld = true
    },
    complete: (count = waiting.length) => {
      const completed = waiting.slice(0, count)
      waiting = waiting.slice(count)
      counters.syncs += 1
      for (const done of completed) done()
    },
    fail: (error) => {
      for (const done of waiting) done(error)
      waiting = []
    },
    get outstanding() {
      return waiting.length
    },
    reopened: () => createHeldStore({ hardState, entries }),
  }
}

function termsOf(entries: readonly Entry[]): TermStart[] {
  const terms: TermStart[] = []
  for (const { term, index } of entries) {
    if (terms[terms.length - 1]?.term !== term) terms.push({ term, firstIndex: index })
  }
  return terms
}
