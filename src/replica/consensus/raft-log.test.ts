import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogIndex, Term } from '../../contract/types.ts'
import type { Entry } from './message.ts'
import { RaftLog, sizeOf } from './raft-log.ts'

const action = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), size: fc.nat(50), newTerm: fc.boolean() }),
  fc.record({ kind: fc.constant('truncate' as const), keep: fc.nat(30) }),
  fc.record({ kind: fc.constant('shrink' as const), through: fc.nat(30), bytesMax: fc.nat(500) }),
)

test('the log in memory agrees with an array that forgets nothing', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const log = new RaftLog(nothing)
      const model: Entry[] = []
      let term = 1

      for (const step of actions) {
        if (step.kind === 'append') {
          if (step.newTerm) term += 1
          const entry = entryAt(model.length + 1, term, step.size)
          model.push(entry)
          log.append(entry)
        } else if (step.kind === 'truncate') {
          const keep = Math.min(step.keep, model.length)
          model.length = keep
          log.truncateFrom(LogIndex(keep + 1))
        } else {
          const through = Math.min(step.through, model.length)
          const kept = model.filter(({ index }) => index >= log.firstIndexInMemory)
          log.shrink(LogIndex(through), step.bytesMax)
          expect(log.firstIndexInMemory).toBe(firstAfter(kept, through, step.bytesMax, model))
        }
      }

      const first = log.firstIndexInMemory
      expect(log.lastIndex).toBe(model.length)
      expect(log.slice(first, model.length + 1)).toEqual(model.slice(first - 1))
      expect(model.map(({ index }) => log.termAt(index))).toEqual(model.map((entry) => entry.term))
    }),
  )
})

test('long after most is dropped, what is left is where it was', () => {
  const log = new RaftLog(nothing)

  for (let index = 1; index <= 5000; index += 1) {
    log.append(entryAt(index, 1, 10))
    log.shrink(LogIndex(index), 10 * sizeOf(entryAt(index, 1, 10)))
  }

  expect(log.firstIndexInMemory).toBe(4991)
  expect(log.slice(4991, 5001).map(({ index }) => index)[9]).toBe(5000)
})

const nothing = {
  hardState: { term: Term(0), votedFor: undefined },
  terms: [],
  lastIndex: LogIndex(0),
  tail: [],
}

const entryAt = (index: number, term: number, bytes: number): Entry => ({
  term: Term(term),
  index: LogIndex(index),
  kind: 'records',
  payload: new Uint8Array(bytes),
})

/** The first entry that stays, if the oldest go one by one while there are too many bytes. */
function firstAfter(
  kept: readonly Entry[],
  through: number,
  bytesMax: number,
  model: readonly Entry[],
): number {
  const left = [...kept]
  const bytes = () => left.reduce((sum, entry) => sum + sizeOf(entry), 0)
  while (left[0] !== undefined && left[0].index <= through && bytes() > bytesMax) left.shift()
  return left[0]?.index ?? model.length + 1
}
