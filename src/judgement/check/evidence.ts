import { FAIL, FETCH, INDEFINITE, OK, type PartitionHistory, PRODUCE } from '../history/history.ts'
import type { Guarantees, ReadBackLine } from '../history/schema.ts'
import { describe, inPartition } from './explain.ts'
import type { CheckName, Findings } from './findings.ts'

/** The row of an observation that no operation made: a read-back after the run. */
const READ_BACK = -2
const NOBODY = -1

/** What stands at which offset, from all who saw it: acknowledgements, fetches, read-backs. */
export type Evidence = {
  readonly partition: PartitionHistory
  /** Offsets below are not judged; slot `k` of the arrays is offset `start + k`. */
  readonly start: number
  /** Exclusive: no evidence speaks of this offset or a later one. */
  readonly end: number
  /** The place in the pool of the record at each offset, or -1 where nobody saw one. */
  readonly placeAt: Int32Array
  /** The offset of each produced record by its place in the pool, or -1. */
  readonly offsetOf: Float64Array
  /** The read-back that reaches furthest, if there is one. */
  readonly readBack: ReadBackLine | undefined
}

/**
 * Lays all observations over each other; two that contradict are a finding. Returns `undefined`
 * if the log would hold more records than were sent or seen: no array needs to be that long.
 */
export function gatherEvidence(
  partition: PartitionHistory,
  guarantees: Guarantees,
  findings: Findings,
): Evidence | undefined {
  const end = endOf(partition)
  const start = partition.start
  if (end - start > recordsAtMost(partition)) {
    findings.invalid('unexplained-offset', () =>
      inPartition(
        partition,
        `the log reaches offset ${end}, but fewer records were ever sent or seen`,
      ),
    )
    return undefined
  }
  const observer = new Observer(partition, start, Math.max(end, start), guarantees, findings)
  observer.observeOperations()
  for (const readBack of partition.readBacks) observer.observeReadBack(readBack)
  observer.joinBatches(longestOf(partition.readBacks))
  return observer.evidence()
}

/** Whether an answer proves that the records are committed at the offset that it names. */
export const isAcknowledged = (partition: PartitionHistory, row: number): boolean =>
  partition.kinds[row] === PRODUCE && partition.outcomes[row] === OK && partition.strong[row] === 1

function endOf(partition: PartitionHistory): number {
  let end = partition.start
  for (let row = 0; row < partition.ids.length; row += 1) {
    if (partition.outcomes[row] !== OK) continue
    const count = partition.recordCounts[row] as number
    if (partition.kinds[row] === PRODUCE) {
      if (partition.strong[row] === 1)
        end = Math.max(end, (partition.offsets[row] as number) + count)
      continue
    }
    end = Math.max(end, partition.highWatermarks[row] as number)
    const last = (partition.recordStarts[row] as number) + count - 1
    if (count > 0) end = Math.max(end, (partition.valueOffsets[last] as number) + 1)
  }
  for (const { start, vals } of partition.readBacks) end = Math.max(end, start + vals.length)
  return end
}

/** Records sent, where a retried batch may stand once for each attempt, and records seen. */
function recordsAtMost(partition: PartitionHistory): number {
  let count = partition.values.length
  for (let row = 0; row < partition.ids.length; row += 1) {
    if (partition.kinds[row] !== PRODUCE) continue
    count += (partition.recordCounts[row] as number) * ((partition.tries[row] as number) - 1)
  }
  return partition.readBacks.reduce((sum, { vals }) => sum + vals.length, count)
}

const longestOf = (readBacks: readonly ReadBackLine[]): ReadBackLine | undefined =>
  readBacks.reduce<ReadBackLine | undefined>(
    (best, next) =>
      best === undefined || next.start + next.vals.length > best.start + best.vals.length
        ? next
        : best,
    undefined,
  )

class Observer {
  readonly #partition: PartitionHistory
  readonly #start: number
  readonly #end: number
  readonly #guarantees: Guarantees
  readonly #findings: Findings
  readonly #placeAt: Int32Array
  readonly #seenBy: Int32Array
  readonly #offsetOf: Float64Array
  #readBack: ReadBackLine | undefined

  constructor(
    partition: PartitionHistory,
    start: number,
    end: number,
    guarantees: Guarantees,
    findings: Findings,
  ) {
    this.#partition = partition
    this.#start = start
    this.#end = end
    this.#guarantees = guarantees
    this.#findings = findings
    this.#placeAt = new Int32Array(end - start).fill(NOBODY)
    this.#seenBy = new Int32Array(end - start).fill(NOBODY)
    this.#offsetOf = new Float64Array(partition.values.length).fill(-1)
  }

  evidence(): Evidence {
    return {
      partition: this.#partition,
      start: this.#start,
      end: this.#end,
      placeAt: this.#placeAt,
      offsetOf: this.#offsetOf,
      readBack: this.#readBack,
    }
  }

  observeOperations(): void {
    const partition = this.#partition
    for (let row = 0; row < partition.ids.length; row += 1) {
      if (isAcknowledged(partition, row)) this.#observeAcknowledgement(row)
      else if (partition.kinds[row] === FETCH && partition.outcomes[row] === OK) {
        this.#observeFetch(row)
      }
    }
  }

  observeReadBack(readBack: ReadBackLine): void {
    readBack.vals.forEach((value, at) => {
      this.#observe(readBack.start + at, value, READ_BACK)
    })
  }

  /** A batch is atomic: who saw one of its records knows where all of them are. */
  joinBatches(readBack: ReadBackLine | undefined): void {
    this.#readBack = readBack
    const partition = this.#partition
    for (let row = 0; row < partition.ids.length; row += 1) {
      if (partition.kinds[row] === PRODUCE) this.#joinBatch(row)
    }
  }

  #observeAcknowledgement(row: number): void {
    const partition = this.#partition
    const first = partition.recordStarts[row] as number
    const count = partition.recordCounts[row] as number
    const base = partition.offsets[row] as number
    for (let at = 0; at < count; at += 1) this.#place(base + at, first + at, row)
  }

  #observeFetch(row: number): void {
    const partition = this.#partition
    const first = partition.recordStarts[row] as number
    const end = first + (partition.recordCounts[row] as number)
    for (let at = first; at < end; at += 1) {
      this.#observe(partition.valueOffsets[at] as number, partition.values[at] as number, row)
    }
  }

  #observe(offset: number, value: number, row: number): void {
    if (offset < this.#start) return
    const partition = this.#partition
    const place = partition.produced.placeOf(value)
    if (place < 0) {
      this.#find('phantom', `nobody sent record ${value}, which ${this.#saw(row, offset)}`)
      return
    }
    const writer = partition.valueRows[place] as number
    if (partition.outcomes[writer] === FAIL) {
      const sent = describe(partition, writer)
      this.#find('aborted-read', `${sent}; yet ${this.#saw(row, offset)} its record ${value}`)
    }
    const sentNs = partition.invokedNs[writer] as number
    if (row >= 0 && (partition.returnedNs[row] as number) < sentNs) {
      const seen = `${this.#saw(row, offset)}; ${describe(partition, writer)}`
      this.#find('phantom', `record ${value} was seen before it was sent: ${seen}`)
    }
    this.#place(offset, place, row)
  }

  /** The record in `place` of the pool stands at `offset`, says `row`. */
  #place(offset: number, place: number, row: number): void {
    const slot = offset - this.#start
    if (slot < 0) {
      const text = `${this.#saw(row, offset)}; offsets below ${this.#start} were taken before`
      this.#find('inconsistent-offset', text)
      return
    }
    const before = this.#placeAt[slot] as number
    if (before === NOBODY) {
      this.#placeAt[slot] = place
      this.#seenBy[slot] = row
    } else if (before !== place) {
      this.#findInconsistent(offset, before, place, row)
    }
    const earlier = this.#offsetOf[place] as number
    if (earlier < 0) this.#offsetOf[place] = offset
    else if (earlier !== offset) this.#findDuplicate(earlier, offset, place)
  }

  #findInconsistent(offset: number, before: number, place: number, row: number): void {
    const first = this.#saw(this.#seenBy[offset - this.#start] as number, offset)
    const values = this.#partition.values
    this.#findings.invalid('inconsistent-offset', () =>
      inPartition(
        this.#partition,
        `offset ${offset} held record ${values[before]}: ${first}; ` +
          `and record ${values[place]}: ${this.#saw(row, offset)}`,
      ),
    )
  }

  #findDuplicate(earlier: number, offset: number, place: number): void {
    const row = this.#partition.valueRows[place] as number
    const retried = (this.#partition.tries[row] as number) > 1
    if (retried && !this.#guarantees.idempotent) return
    const value = this.#partition.values[place]
    const sent = describe(this.#partition, row)
    this.#find('duplicate', `record ${value} stands at offsets ${earlier} and ${offset}: ${sent}`)
  }

  #joinBatch(row: number): void {
    const partition = this.#partition
    const first = partition.recordStarts[row] as number
    const count = partition.recordCounts[row] as number
    let base: number | undefined
    for (let at = 0; at < count && base === undefined; at += 1) {
      const offset = this.#offsetOf[first + at] as number
      if (offset >= 0) base = offset - at
    }
    if (base === undefined) return
    const { start, vals } = this.#readBack ?? { start: 0, vals: [] }
    const cut = base < start + vals.length ? start + vals.length : Number.POSITIVE_INFINITY
    for (let at = 0; at < count; at += 1) this.#joinRecord(row, first + at, base + at, cut)
  }

  /** `cut`: where the read-back ends that holds the batch's first record. */
  #joinRecord(row: number, place: number, offset: number, cut: number): void {
    const known = this.#offsetOf[place] as number
    if (known >= 0 && known === offset && offset < cut) return
    const slot = offset - this.#start
    const other = this.#placeAt[slot] ?? NOBODY
    const taken = other !== NOBODY && other !== place
    if ((known >= 0 && known !== offset) || slot < 0 || taken || offset >= cut) {
      const value = this.#partition.values[place]
      const sent = describe(this.#partition, row)
      this.#find('torn', `record ${value} is not at offset ${offset} with its batch: ${sent}`)
      return
    }
    this.#offsetOf[place] = offset
    if (slot < this.#placeAt.length) this.#placeAt[slot] = place
  }

  #find(check: CheckName, text: string): void {
    this.#findings.invalid(check, () => inPartition(this.#partition, text))
  }

  #saw(row: number, offset: number): string {
    if (row === READ_BACK) return `the read-back after the run has at offset ${offset}`
    return `${describe(this.#partition, row)} saw at offset ${offset}`
  }
}

/** An operation whose records may be in the log although nobody saw them there. */
export const mayHaveHappened = (partition: PartitionHistory, row: number): boolean =>
  partition.kinds[row] === PRODUCE &&
  (partition.outcomes[row] === INDEFINITE ||
    (partition.outcomes[row] === OK && partition.strong[row] === 0))
