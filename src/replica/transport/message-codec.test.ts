import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LogIndex, NodeId, Term } from '../../contract/types.ts'
import type { Message } from '../consensus/message.ts'
import { isMessageFault, messageBytes, readMessage, writeMessage } from './message-codec.ts'

const number = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 52 }))
const node = fc.integer({ min: 1, max: 2 ** 32 - 1 }) as fc.Arbitrary<NodeId>
const term = number as fc.Arbitrary<Term>
const index = number as fc.Arbitrary<LogIndex>
const entryId = fc.record({ term, index })
const envelope = { from: node, to: node, term }
const answer = { kind: fc.constant('AppendEntriesResponse'), ...envelope, previousIndex: index }

const appends = fc
  .record({
    kind: fc.constant('AppendEntries' as const),
    ...envelope,
    previous: entryId,
    commitIndex: index,
    entries: fc.array(
      fc.oneof(
        fc.record({ term, kind: fc.constant('noop'), payload: fc.constant(new Uint8Array(0)) }),
        fc.record({ term, kind: fc.constant('records'), payload: fc.uint8Array() }),
      ),
    ),
  })
  .map((message) => ({
    ...message,
    entries: message.entries.map((entry, place) => ({
      ...entry,
      index: message.previous.index + 1 + place,
    })),
  }))

const messages = fc.oneof(
  fc.record({
    kind: fc.constant('RequestVote'),
    ...envelope,
    preVote: fc.boolean(),
    lastEntry: entryId,
  }),
  fc.record({
    kind: fc.constant('RequestVoteResponse'),
    ...envelope,
    preVote: fc.boolean(),
    granted: fc.boolean(),
  }),
  appends,
  fc.record({ ...answer, accepted: fc.constant(true), matchIndex: index }),
  fc.record({ ...answer, accepted: fc.constant(false), conflict: entryId }),
  fc.record({ kind: fc.constant('Heartbeat'), ...envelope, commitIndex: index, round: number }),
  fc.record({ kind: fc.constant('HeartbeatResponse'), ...envelope, round: number }),
) as unknown as fc.Arbitrary<Message>

function encoded(message: Message): Uint8Array {
  const bytes = new Uint8Array(messageBytes(message))
  writeMessage(bytes, message)
  return bytes
}

test('every message reads back as it was written', () => {
  fc.assert(
    fc.property(messages, (message) => {
      expect(readMessage(encoded(message))).toEqual(message)
    }),
  )
})

test('a message cut anywhere is a fault, or an append with fewer entries', () => {
  fc.assert(
    fc.property(messages, fc.nat(), (message, cut) => {
      const bytes = encoded(message)
      const end = cut % bytes.length

      const read = readMessage(bytes.subarray(0, end))

      if (isMessageFault(read)) expect(read.byte).toBeLessThanOrEqual(end)
      else expect(read.kind === 'AppendEntries' && message.kind === 'AppendEntries').toBe(true)
    }),
  )
})

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8 }), fc.uint8Array({ maxLength: 100 }), (kind, tail) => {
      readMessage(Uint8Array.of(kind, ...tail))
    }),
  )
})
