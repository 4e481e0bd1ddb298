import { assert } from '../base/assert.ts'
import type { Brand } from '../base/brand.ts'

/** A node of the cluster, unique for all time: an id is never given to a second node. ≥ 1. */
export type NodeId = Brand<number, 'NodeId'>

/** One replicated log. A partition is one group, and both have the same number. ≥ 0. */
export type GroupId = Brand<number, 'GroupId'>

/** An election epoch. 0 before the first election, then strictly increasing. Raft §5.1. */
export type Term = Brand<number, 'Term'>

/** A position in the Raft log. 0 is before the first entry, which has index 1. Raft §5.3. */
export type LogIndex = Brand<number, 'LogIndex'>

/**
 * A position in a partition as clients see it, from 0. Offsets count records, log indexes count
 * entries (a batch is one entry, a no-op has no offset): never mix them.
 */
export type Offset = Brand<number, 'Offset'>

export const NodeId = (value: number): NodeId => integerFrom(1, value, 'NodeId') as NodeId
export const GroupId = (value: number): GroupId => integerFrom(0, value, 'GroupId') as GroupId
export const Term = (value: number): Term => integerFrom(0, value, 'Term') as Term
export const LogIndex = (value: number): LogIndex => integerFrom(0, value, 'LogIndex') as LogIndex
export const Offset = (value: number): Offset => integerFrom(0, value, 'Offset') as Offset

/** Where a log ends, or what an entry is called: two logs agree up to the last id they share. */
export type EntryId = { readonly term: Term; readonly index: LogIndex }

function integerFrom(min: number, value: number, name: string): number {
  assert(Number.isSafeInteger(value) && value >= min, `${name} out of range: ${value}`)
  return value
}
