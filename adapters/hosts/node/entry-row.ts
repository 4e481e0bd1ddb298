import { type Crc32c, type Entry, type HardState, LogIndex, NodeId, Term } from 'raftmark/adapter'

/** What a map of rows keeps beside its entries. */
export type MapState = {
  readonly format: number
  readonly node: number
  readonly group: number
  readonly hardState: HardState
  /** Of the first row that was not compacted; `lastIndex + 1` when all were. */
  readonly firstIndex: number
  readonly lastIndex: number
}

export const MAP_FORMAT = 1

const STATE_BYTES = 56
const ROW_HEAD_BYTES = 16
const NOOP = 0
const RECORDS = 1

/** The checksum covers the index too, so that a row under another key is not taken for its own. */
export function encodeRow(entry: Entry, crc32c: Crc32c): Uint8Array {
  const row = new Uint8Array(ROW_HEAD_BYTES + entry.payload.length)
  const view = new DataView(row.buffer)
  view.setUint32(4, entry.kind === 'noop' ? NOOP : RECORDS, true)
  view.setFloat64(8, entry.term, true)
  row.set(entry.payload, ROW_HEAD_BYTES)
  view.setUint32(0, rowCrc(entry.index, row, crc32c), true)
  return row
}

/** `undefined` when it is not the undamaged row of this index. */
export function decodeRow(index: number, row: Uint8Array, crc32c: Crc32c): Entry | undefined {
  if (row.length < ROW_HEAD_BYTES) return undefined
  const view = new DataView(row.buffer, row.byteOffset, row.length)
  if (view.getUint32(0, true) !== rowCrc(index, row, crc32c)) return undefined
  return {
    term: Term(view.getFloat64(8, true)),
    index: LogIndex(index),
    kind: view.getUint32(4, true) === NOOP ? 'noop' : 'records',
    payload: row.subarray(ROW_HEAD_BYTES),
  }
}

export function encodeState(state: MapState, crc32c: Crc32c): Uint8Array {
  const bytes = new Uint8Array(STATE_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(4, state.format, true)
  view.setFloat64(8, state.node, true)
  view.setFloat64(16, state.group, true)
  view.setFloat64(24, state.hardState.term, true)
  view.setFloat64(32, state.hardState.votedFor ?? 0, true)
  view.setFloat64(40, state.lastIndex, true)
  view.setFloat64(48, state.firstIndex, true)
  view.setUint32(0, crc32c(bytes.subarray(4)), true)
  return bytes
}

/** `undefined` when it is damaged. */
export function decodeState(bytes: Uint8Array, crc32c: Crc32c): MapState | undefined {
  if (bytes.length < STATE_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(0, true) !== crc32c(bytes.subarray(4))) return undefined
  const votedFor = view.getFloat64(32, true)
  return {
    format: view.getUint32(4, true),
    node: view.getFloat64(8, true),
    group: view.getFloat64(16, true),
    hardState: {
      term: Term(view.getFloat64(24, true)),
      votedFor: votedFor === 0 ? undefined : NodeId(votedFor),
    },
    lastIndex: view.getFloat64(40, true),
    // Written since logs can be compacted; before it was 0.
    firstIndex: Math.max(1, view.getFloat64(48, true)),
  }
}

function rowCrc(index: number, row: Uint8Array, crc32c: Crc32c): number {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setFloat64(0, index, true)
  return crc32c(row.subarray(4), crc32c(key))
}
