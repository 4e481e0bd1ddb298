/**
 * The file `history.ndjson`: one JSON object a line, UTF-8. docs/CHECKS.md shows every line.
 *
 * All times are nanoseconds of one monotonic clock of the program that records, taken before the
 * request is sent and after its answer is decoded: a late clock widens an interval and so can hide
 * a fault, but never invent one.
 */
export type HistoryLine =
  | RunLine
  | PartitionLine
  | InvokeLine
  | ReturnLine
  | NodeLine
  | FaultLine
  | ReadBackLine
  | EndLine

/** The version that this code writes and reads. */
export const HISTORY_VERSION = 1

/** The first line, once: what was run and what it promised. */
export type RunLine = {
  readonly t: 'run'
  readonly v: typeof HISTORY_VERSION
  readonly subject: string
  readonly clock: 'monotonic' | 'virtual'
  readonly guarantees: Guarantees
  /** Whatever else helps to find the run again. Not judged. */
  readonly notes?: unknown
}

/** What the subject promised: what is judged as an anomaly depends on it. */
export type Guarantees = {
  /** Retries cannot append a record twice: producer ids and sequences are used. */
  readonly idempotent: boolean
  /** Produces of one client to one partition take effect in the order of their `inv` lines. */
  readonly ordered: boolean
}

/** Needed only if the partition already held records: those below `start` are not judged. */
export type PartitionLine = { readonly t: 'partition'; readonly p: number; readonly start: number }

/** An operation begins. `i` is unique in the file, `c` the client; one client may pipeline. */
export type InvokeLine = ProduceInvokeLine | FetchInvokeLine

export type ProduceInvokeLine = {
  readonly t: 'inv'
  readonly i: number
  readonly c: number
  readonly ts: number
  readonly p: number
  readonly f: 'produce'
  /** One number for each record of the batch, in order; unique in the partition. */
  readonly vals: readonly number[]
  /** `quorum` if absent. A `leader` acknowledgement promises nothing that could be lost. */
  readonly acks?: 'leader' | 'quorum'
}

export type FetchInvokeLine = {
  readonly t: 'inv'
  readonly i: number
  readonly c: number
  readonly ts: number
  readonly p: number
  readonly f: 'fetch'
  /** The offset that is asked for. */
  readonly from: number
  /** `linearizable` and `lease` must see all that ended before; `committed` may be stale. */
  readonly consistency: 'linearizable' | 'lease' | 'committed'
}

/**
 * An operation ends: `ok` it happened, `fail` it did not and never will, `indefinite` it may have
 * happened or may yet. An operation without this line is indefinite.
 */
export type ReturnLine = {
  readonly t: 'ret'
  readonly i: number
  readonly ts: number
  readonly r: 'ok' | 'fail' | 'indefinite'
  /** A code of the contract, unless `ok`. */
  readonly err?: string
  /** Produce: offset of the batch's first record. Required if `ok` with `quorum`. */
  readonly base?: number
  /** Produce: attempts made in all, 1 if absent; one indefinite attempt makes it indefinite. */
  readonly tries?: number
  /** Fetch: offset and value of each record, in the order served. */
  readonly offs?: readonly (readonly [number, number])[]
  /** Fetch: the high watermark in the answer, exclusive. */
  readonly hw?: number
  /** The node that answered. */
  readonly node?: number
}

/** Something that befell a node: a restart ends the promises that its memory kept. */
export type NodeLine = {
  readonly t: 'node'
  readonly n: number
  readonly ts: number
  readonly e: 'crash' | 'restart' | 'leader'
  readonly term?: number
}

/** A fault begins or ends. For readers; no verdict rests on it. */
export type FaultLine = {
  readonly t: 'fault'
  readonly ts: number
  readonly f: string
  readonly ph: 'start' | 'stop'
  readonly spec?: unknown
}

/**
 * After the run: all that `node` serves of the partition, below its high watermark, from `start`.
 * A replica that lags is no fault; records that the longest of them lacks are lost.
 */
export type ReadBackLine = {
  readonly t: 'readback'
  readonly n: number
  readonly p: number
  readonly start: number
  readonly vals: readonly number[]
}

/** The last line: without it the recording was cut, and the verdict is at best unknown. */
export type EndLine = { readonly t: 'end'; readonly ts: number; readonly ops: number }
