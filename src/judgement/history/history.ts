import { unreachable } from '../../base/assert.ts'
import type {
  FetchInvokeLine,
  Guarantees,
  HistoryLine,
  InvokeLine,
  NodeLine,
  ProduceInvokeLine,
  ReadBackLine,
  ReturnLine,
} from './schema.ts'
import { ValueTable } from './value-table.ts'

/** What clients asked of a log and what they were told: all that a checker looks at. */
export type History = {
  readonly guarantees: Guarantees
  /** In the order in which they were first named. */
  readonly partitions: readonly PartitionHistory[]
  readonly nodeEvents: readonly NodeLine[]
  /** Whether the recording was ended properly: nothing after it is missing. */
  readonly complete: boolean
  readonly operationCount: number
}

export const PRODUCE = 0
export const FETCH = 1
export const OK = 0
export const FAIL = 1
export const INDEFINITE = 2

/**
 * One partition as columns: row `r` of each is operation `r`, in the order of the `inv` lines.
 * Columns and not objects, because a million operations must fit and be scanned in a second.
 */
export type PartitionHistory = {
  readonly partition: number
  /** Offsets below it were there before the history begins. */
  start: number
  readonly ids: number[]
  readonly clients: number[]
  readonly kinds: number[]
  readonly outcomes: number[]
  readonly invokedNs: number[]
  /** Infinity while nothing came back. */
  readonly returnedNs: number[]
  /** -1: not known. */
  readonly nodes: number[]
  readonly tries: number[]
  /** Produce: the batch's first offset; fetch: the offset asked for. -1: not known. */
  readonly offsets: number[]
  /** Fetch: -1 if not told. */
  readonly highWatermarks: number[]
  /** 1: produce with `acks: quorum`, fetch that may not be stale. 0: the weaker kind. */
  readonly strong: number[]
  /** The operation's records: `[recordStarts, recordStarts + recordCounts)` of the pool. */
  readonly recordStarts: number[]
  readonly recordCounts: number[]
  readonly values: number[]
  /** Fetch: the record's offset. Produce: -1. */
  readonly valueOffsets: number[]
  /** The operation that the record belongs to. */
  readonly valueRows: number[]
  /** From a value to its place in the pool, for records that were produced. */
  readonly produced: ValueTable
  readonly readBacks: ReadBackLine[]
}

/**
 * Gathers lines of correct shape into a history. `add` returns why a line cannot stand where it
 * stands, or `undefined`: a parser and the simulator build histories by the same rules.
 */
export class HistoryBuilder {
  #guarantees: Guarantees | undefined
  readonly #partitions = new Map<number, PartitionHistory>()
  readonly #open = new Map<number, OpenOperation>()
  readonly #ids = new IdSet()
  readonly #nodeEvents: NodeLine[] = []
  #complete = false

  add(line: HistoryLine): string | undefined {
    if (this.#complete) return 'nothing may follow the line "end"'
    if (line.t === 'run') return this.#begin(line.guarantees)
    if (this.#guarantees === undefined) return 'the first line must be the line "run"'
    switch (line.t) {
      case 'partition':
        return this.#setStart(line.p, line.start)
      case 'inv':
        return this.#invoke(line)
      case 'ret':
        return this.#return(line)
      case 'node':
        this.#nodeEvents.push(line)
        return undefined
      case 'fault':
        return undefined
      case 'readback':
        this.#partitionOf(line.p).readBacks.push(line)
        return undefined
      case 'end':
        return this.#end(line.ops)
      default:
        return unreachable(line)
    }
  }

  build(): History {
    return {
      guarantees: this.#guarantees ?? { idempotent: false, ordered: false },
      partitions: [...this.#partitions.values()],
      nodeEvents: this.#nodeEvents,
      complete: this.#complete,
      operationCount: this.#ids.size,
    }
  }

  #begin(guarantees: Guarantees): string | undefined {
    if (this.#guarantees !== undefined) return 'the line "run" stands twice'
    this.#guarantees = guarantees
    return undefined
  }

  #end(operations: number): string | undefined {
    if (operations !== this.#ids.size) {
      return `it counts ${operations} operations, but ${this.#ids.size} stand before it`
    }
    this.#complete = true
    return undefined
  }

  #setStart(partition: number, start: number): string | undefined {
    if (this.#partitions.has(partition)) return `partition ${partition} was already used`
    this.#partitionOf(partition).start = start
    return undefined
  }

  #invoke(line: InvokeLine): string | undefined {
    if (!this.#ids.add(line.i)) return `operation ${line.i} was already invoked`
    const partition = this.#partitionOf(line.p)
    const row = partition.ids.length
    if (line.f === 'produce') {
      const reason = addRecords(partition, row, line)
      if (reason !== undefined) return reason
    } else {
      partition.recordStarts.push(partition.values.length)
      partition.recordCounts.push(0)
    }
    addRow(partition, line)
    this.#open.set(line.i, { partition, row, line })
    return undefined
  }

  #return(line: ReturnLine): string | undefined {
    const open = this.#open.get(line.i)
    if (open === undefined) {
      return this.#ids.has(line.i)
        ? `operation ${line.i} returns a second time`
        : `operation ${line.i} returns but was never invoked`
    }
    this.#open.delete(line.i)
    const { partition, row } = open
    const invoked = partition.invokedNs[row] as number
    if (line.ts < invoked) {
      return `operation ${line.i} returns at ${line.ts} ns, before it began at ${invoked} ns`
    }
    partition.returnedNs[row] = line.ts
    partition.outcomes[row] = line.r === 'ok' ? OK : line.r === 'fail' ? FAIL : INDEFINITE
    partition.nodes[row] = line.node ?? -1
    partition.tries[row] = line.tries ?? 1
    if (line.r !== 'ok') return undefined
    return open.line.f === 'produce'
      ? returnProduce(open, open.line, line)
      : returnFetch(open, line)
  }

  #partitionOf(id: number): PartitionHistory {
    let partition = this.#partitions.get(id)
    if (partition === undefined) {
      partition = emptyPartition(id)
      this.#partitions.set(id, partition)
    }
    return partition
  }
}

type OpenOperation = {
  readonly partition: PartitionHistory
  readonly row: number
  readonly line: InvokeLine
}

function addRecords(
  partition: PartitionHistory,
  row: number,
  line: ProduceInvokeLine,
): string | undefined {
  partition.recordStarts.push(partition.values.length)
  partition.recordCounts.push(line.vals.length)
  for (const value of line.vals) {
    if (!partition.produced.add(value, partition.values.length)) {
      return `value ${value} was already produced to partition ${line.p}`
    }
    pushRecord(partition, row, value, -1)
  }
  return undefined
}

function addRow(partition: PartitionHistory, line: ProduceInvokeLine | FetchInvokeLine): void {
  const produce = line.f === 'produce'
  partition.ids.push(line.i)
  partition.clients.push(line.c)
  partition.kinds.push(produce ? PRODUCE : FETCH)
  partition.outcomes.push(INDEFINITE)
  partition.invokedNs.push(line.ts)
  partition.returnedNs.push(Number.POSITIVE_INFINITY)
  partition.nodes.push(-1)
  partition.tries.push(1)
  partition.offsets.push(produce ? -1 : line.from)
  partition.highWatermarks.push(-1)
  const weak = produce ? line.acks === 'leader' : line.consistency === 'committed'
  partition.strong.push(weak ? 0 : 1)
}

function returnProduce(
  open: OpenOperation,
  invoke: ProduceInvokeLine,
  line: ReturnLine,
): string | undefined {
  if (line.base === undefined) {
    return invoke.acks === 'leader' ? undefined : `produce ${line.i} is ok but has no "base"`
  }
  open.partition.offsets[open.row] = line.base
  return undefined
}

function returnFetch({ partition, row }: OpenOperation, line: ReturnLine): string | undefined {
  partition.highWatermarks[row] = line.hw ?? -1
  partition.recordStarts[row] = partition.values.length
  const records = line.offs ?? []
  partition.recordCounts[row] = records.length
  for (const [offset, value] of records) pushRecord(partition, row, value, offset)
  return undefined
}

function pushRecord(partition: PartitionHistory, row: number, value: number, offset: number): void {
  partition.values.push(value)
  partition.valueOffsets.push(offset)
  partition.valueRows.push(row)
}

function emptyPartition(partition: number): PartitionHistory {
  return {
    partition,
    start: 0,
    ids: [],
    clients: [],
    kinds: [],
    outcomes: [],
    invokedNs: [],
    returnedNs: [],
    nodes: [],
    tries: [],
    offsets: [],
    highWatermarks: [],
    strong: [],
    recordStarts: [],
    recordCounts: [],
    values: [],
    valueOffsets: [],
    valueRows: [],
    produced: new ValueTable(),
    readBacks: [],
  }
}

/** Ids mostly rise by one: those need no table. */
class IdSet {
  #next = 0
  readonly #others = new Set<number>()
  size = 0

  add(id: number): boolean {
    if (this.has(id)) return false
    this.size += 1
    if (id !== this.#next) {
      this.#others.add(id)
      return true
    }
    this.#next += 1
    while (this.#others.delete(this.#next)) this.#next += 1
    return true
  }

  has(id: number): boolean {
    return id < this.#next || this.#others.has(id)
  }
}
