import { assert, unreachable } from '../../base/assert.ts'
import type { LogIndex, NodeId, Term } from '../../contract/types.ts'
import type { Entry, EntryKind, Message } from '../consensus/message.ts'

/**
 * Our designs' messages as the opaque payload of a PeerMessage. Fixed widths, little-endian: one
 * pass to size, one to write, and a follower reads entries as views of the frame.
 *
 *   kind u8 · flags u8 · from u32 · to u32 · term u64 · up to three numbers u64 · entries
 *   entry: term u64 · kind u8 · payload length u32 · payload      (indexes follow `previous`)
 */
const HEADER_BYTES = 18
const NUMBER_BYTES = 8
const ENTRY_HEADER_BYTES = 13

/** Number on the wire of each kind, and how many numbers follow its header. */
const kinds = {
  RequestVote: { wire: 1, numbers: 2 },
  RequestVoteResponse: { wire: 2, numbers: 0 },
  AppendEntries: { wire: 3, numbers: 3 },
  AppendEntriesResponse: { wire: 4, numbers: 3 },
  Heartbeat: { wire: 5, numbers: 2 },
  HeartbeatResponse: { wire: 6, numbers: 1 },
} as const satisfies Record<Message['kind'], { wire: number; numbers: number }>

const numbersOfWire: readonly (number | undefined)[] = Object.values(kinds).reduce<
  (number | undefined)[]
>((list, { wire, numbers }) => {
  list[wire] = numbers
  return list
}, [])

const entryKinds: readonly EntryKind[] = ['noop', 'records']

const PRE_VOTE = 1
const POSITIVE = 2

/** Why a payload is no message of ours, and where in it. */
export type MessageFault = { readonly fault: string; readonly byte: number }

export const isMessageFault = (value: Message | MessageFault): value is MessageFault =>
  'fault' in value

export function messageBytes(message: Message): number {
  let bytes = HEADER_BYTES + NUMBER_BYTES * kinds[message.kind].numbers
  if (message.kind === 'AppendEntries') {
    for (const entry of message.entries) bytes += ENTRY_HEADER_BYTES + entry.payload.length
  }
  return bytes
}

/** `into` has exactly `messageBytes(message)` bytes. */
export function writeMessage(into: Uint8Array, message: Message): void {
  const [first, second, third] = numbersOf(message)
  into[0] = kinds[message.kind].wire
  into[1] = flagsOf(message)
  putU32(into, 2, message.from)
  putU32(into, 6, message.to)
  putU64(into, 10, message.term)
  const count = kinds[message.kind].numbers
  if (count > 0) putU64(into, HEADER_BYTES, first)
  if (count > 1) putU64(into, HEADER_BYTES + NUMBER_BYTES, second)
  if (count > 2) putU64(into, HEADER_BYTES + 2 * NUMBER_BYTES, third)
  if (message.kind === 'AppendEntries') {
    writeEntries(into, HEADER_BYTES + count * NUMBER_BYTES, message.entries, message.previous.index)
  }
}

/** Entries' payloads are views of `bytes`. */
export function readMessage(bytes: Uint8Array): Message | MessageFault {
  const numbers = numbersOfWire[bytes[0] ?? 0]
  if (numbers === undefined) return { fault: `message kind ${bytes[0]} is unknown`, byte: 0 }
  if (bytes.length < HEADER_BYTES + numbers * NUMBER_BYTES) {
    return { fault: 'message is cut', byte: bytes.length }
  }
  for (let at = 10; at < HEADER_BYTES + numbers * NUMBER_BYTES; at += NUMBER_BYTES) {
    if (!Number.isSafeInteger(u64At(bytes, at))) return { fault: 'number above 2^53', byte: at }
  }
  if (bytes[0] === kinds.AppendEntries.wire) return readAppend(bytes)
  const end = HEADER_BYTES + numbers * NUMBER_BYTES
  if (bytes.length > end) return { fault: 'bytes follow the message', byte: end }
  return readFixed(bytes)
}

type Numbers = readonly [number, number, number]

function numbersOf(message: Message): Numbers {
  switch (message.kind) {
    case 'RequestVote':
      return [message.lastEntry.term, message.lastEntry.index, 0]
    case 'RequestVoteResponse':
      return [0, 0, 0]
    case 'AppendEntries':
      return [message.previous.term, message.previous.index, message.commitIndex]
    case 'AppendEntriesResponse':
      return message.accepted
        ? [message.previousIndex, message.matchIndex, 0]
        : [message.previousIndex, message.conflict.index, message.conflict.term]
    case 'Heartbeat':
      return [message.commitIndex, message.round, 0]
    case 'HeartbeatResponse':
      return [message.round, 0, 0]
    default:
      return unreachable(message)
  }
}

function flagsOf(message: Message): number {
  const isPreVote = 'preVote' in message && message.preVote
  const isPositive =
    ('granted' in message && message.granted) || ('accepted' in message && message.accepted)
  return (isPreVote ? PRE_VOTE : 0) | (isPositive ? POSITIVE : 0)
}

function writeEntries(
  into: Uint8Array,
  start: number,
  entries: readonly Entry[],
  previousIndex: number,
): void {
  let at = start
  for (let place = 0; place < entries.length; place += 1) {
    const { term, index, kind, payload } = entries[place] as Entry
    assert(index === previousIndex + 1 + place, 'an append is not consecutive', index)
    putU64(into, at, term)
    into[at + 8] = kind === 'noop' ? 0 : 1
    putU32(into, at + 9, payload.length)
    into.set(payload, at + ENTRY_HEADER_BYTES)
    at += ENTRY_HEADER_BYTES + payload.length
  }
}

type Envelope = { readonly from: NodeId; readonly to: NodeId; readonly term: Term }

const envelopeOf = (bytes: Uint8Array): Envelope => ({
  from: u32At(bytes, 2) as NodeId,
  to: u32At(bytes, 6) as NodeId,
  term: u64At(bytes, 10) as Term,
})

const termAt = (bytes: Uint8Array, place: number): Term =>
  u64At(bytes, HEADER_BYTES + place * NUMBER_BYTES) as Term

const indexAt = (bytes: Uint8Array, place: number): LogIndex =>
  u64At(bytes, HEADER_BYTES + place * NUMBER_BYTES) as LogIndex

function readAppend(bytes: Uint8Array): Message | MessageFault {
  const previous = { term: termAt(bytes, 0), index: indexAt(bytes, 1) }
  const commitIndex = indexAt(bytes, 2)
  const entries: Entry[] = []
  let at = HEADER_BYTES + kinds.AppendEntries.numbers * NUMBER_BYTES
  while (at < bytes.length) {
    if (at + ENTRY_HEADER_BYTES > bytes.length) return { fault: 'entry is cut', byte: at }
    const kind = entryKinds[bytes[at + 8] as number]
    const end = at + ENTRY_HEADER_BYTES + u32At(bytes, at + 9)
    const term = u64At(bytes, at)
    if (kind === undefined) return { fault: 'entry kind is unknown', byte: at + 8 }
    if (end > bytes.length) return { fault: 'entry is cut', byte: at }
    if (!Number.isSafeInteger(term)) return { fault: 'number above 2^53', byte: at }
    entries.push({
      term: term as Term,
      index: (previous.index + 1 + entries.length) as LogIndex,
      kind,
      payload: bytes.subarray(at + ENTRY_HEADER_BYTES, end),
    })
    at = end
  }
  return { kind: 'AppendEntries', ...envelopeOf(bytes), previous, entries, commitIndex }
}

function readFixed(bytes: Uint8Array): Message {
  const flags = bytes[1] as number
  const preVote = (flags & PRE_VOTE) !== 0
  const positive = (flags & POSITIVE) !== 0
  const envelope = envelopeOf(bytes)
  switch (bytes[0]) {
    case kinds.RequestVote.wire: {
      const lastEntry = { term: termAt(bytes, 0), index: indexAt(bytes, 1) }
      return { kind: 'RequestVote', ...envelope, preVote, lastEntry }
    }
    case kinds.RequestVoteResponse.wire:
      return { kind: 'RequestVoteResponse', ...envelope, preVote, granted: positive }
    case kinds.Heartbeat.wire: {
      const [commitIndex, round] = [indexAt(bytes, 0), indexAt(bytes, 1)]
      return { kind: 'Heartbeat', ...envelope, commitIndex, round }
    }
    case kinds.HeartbeatResponse.wire:
      return { kind: 'HeartbeatResponse', ...envelope, round: indexAt(bytes, 0) }
    default:
      return readAppendResponse(bytes, envelope, positive)
  }
}

function readAppendResponse(bytes: Uint8Array, envelope: Envelope, accepted: boolean): Message {
  const answer = {
    kind: 'AppendEntriesResponse',
    ...envelope,
    previousIndex: indexAt(bytes, 0),
  } as const
  if (accepted) return { ...answer, accepted, matchIndex: indexAt(bytes, 1) }
  return { ...answer, accepted, conflict: { index: indexAt(bytes, 1), term: termAt(bytes, 2) } }
}

function putU32(into: Uint8Array, at: number, value: number): void {
  into[at] = value
  into[at + 1] = value >>> 8
  into[at + 2] = value >>> 16
  into[at + 3] = value >>> 24
}

function putU64(into: Uint8Array, at: number, value: number): void {
  putU32(into, at, value >>> 0)
  putU32(into, at + 4, Math.floor(value / 2 ** 32))
}

const u32At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)) >>>
  0

const u64At = (bytes: Uint8Array, at: number): number =>
  u32At(bytes, at) + u32At(bytes, at + 4) * 2 ** 32
