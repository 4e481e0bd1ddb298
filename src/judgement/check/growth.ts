import { FETCH, OK, type PartitionHistory, PRODUCE } from '../history/history.ts'
import { type Evidence, isAcknowledged, mayHaveHappened } from './evidence.ts'
import { describe, inPartition, milliseconds } from './explain.ts'
import type { Findings } from './findings.ts'

const NOBODY = -1

/**
 * Linearizability of one partition in one pass. Let T(k) be the instant at which the log first
 * holds k records. A log tells the offset of what it appends, so each operation only bounds T:
 * an append of offsets [o, o+m) begun at `inv` and acknowledged at `res` says inv ≤ T(k) ≤ res for
 * its k; a fresh read that saw the end at L says T(L) ≤ res and T(L+1) ≥ inv; a read that may be
 * stale says T(L) ≤ res alone; an append of unknown outcome that was seen says inv ≤ T(k). T never
 * falls, so an order exists exactly if no lower bound at j ≤ k is above an upper bound at k; the
 * pair that is, is the smallest explanation. O(operations + offsets), where a search over orders
 * is exponential in the operations of unknown outcome.
 *
 * Intervals are closed: what returns at t and what begins at t are concurrent.
 *
 * Source: own; the argument stands in docs/CHECKS.md and is held to `searchOrder` by tests.
 */
export function checkGrowth(evidence: Evidence, findings: Findings): void {
  const bounds = new Bounds(evidence)
  bounds.addOperations(findings)
  bounds.joinBatches()
  const holes = bounds.explainHoles(findings)
  if (holes === 'undecided') findings.unknown('linearizable', HOLES_UNDECIDED)
  bounds.scan(findings)
}

const HOLES_UNDECIDED =
  'offsets that nobody saw may be filled by batches of unknown outcome in more than one way; ' +
  'a read-back after the run decides it'

/** Lower and upper bounds of T(k) for k = 0…size, with the operation that set each. */
class Bounds {
  readonly #evidence: Evidence
  readonly #partition: PartitionHistory
  readonly #size: number
  /** Largest `inv` of an append of offset k-1. */
  readonly #appended: Float64Array
  /** Largest `inv` of a fresh read that saw fewer than k records. */
  readonly #missed: Float64Array
  readonly #missedBy: Int32Array
  /** Smallest `res` of an operation that proves k records. */
  readonly #proved: Float64Array
  readonly #provedBy: Int32Array

  constructor(evidence: Evidence) {
    this.#evidence = evidence
    this.#partition = evidence.partition
    this.#size = evidence.end - evidence.start
    const slots = this.#size + 2
    this.#appended = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY)
    this.#missed = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY)
    this.#missedBy = new Int32Array(slots).fill(NOBODY)
    this.#proved = new Float64Array(slots).fill(Number.POSITIVE_INFINITY)
    this.#provedBy = new Int32Array(slots).fill(NOBODY)
    // What the history does not judge was there before everything.
    this.#proved[0] = Number.NEGATIVE_INFINITY
  }

  addOperations(findings: Findings): void {
    const { kinds, outcomes } = this.#partition
    for (let row = 0; row < kinds.length; row += 1) {
      if (kinds[row] === PRODUCE) this.#addProduce(row)
      else if (outcomes[row] === OK) this.#addFetch(row, findings)
    }
  }

  /** All records of a batch appear at one instant: each bound of one holds for all. */
  joinBatches(): void {
    const { kinds, recordCounts, recordStarts } = this.#partition
    for (let row = 0; row < kinds.length; row += 1) {
      const count = recordCounts[row] as number
      if (kinds[row] !== PRODUCE || count < 2) continue
      const base = this.#evidence.offsetOf[recordStarts[row] as number] as number
      if (base >= this.#evidence.start) this.#joinBatch(base - this.#evidence.start + 1, count)
    }
  }

  /**
   * An offset that nobody saw must be filled by an operation of unknown outcome that began before
   * the offset was proved to be there: earliest deadline first decides it for single records.
   */
  explainHoles(findings: Findings): 'explained' | 'undecided' {
    const holes = this.#holes()
    if (holes.length === 0) return 'explained'
    const { begins, single } = this.#unseenRecords()
    const deadlines = this.#deadlines()
    for (let at = 0; at < holes.length; at += 1) {
      const k = holes[at] as number
      const begin = begins[at]
      if (begin === undefined || begin > (deadlines[k] as number)) {
        findings.invalid('unexplained-offset', () =>
          inPartition(
            this.#partition,
            `no produce that was sent in time can fill offset ${this.#offsetOf(k)}`,
          ),
        )
        return 'explained'
      }
    }
    return single ? 'explained' : 'undecided'
  }

  scan(findings: Findings): void {
    let appended = Number.NEGATIVE_INFINITY
    let appendedAt = 0
    let missed = Number.NEGATIVE_INFINITY
    let missedBy = NOBODY
    for (let k = 0; k <= this.#size; k += 1) {
      if ((this.#appended[k] as number) > appended) {
        appended = this.#appended[k] as number
        appendedAt = k
      }
      if ((this.#missed[k] as number) > missed) {
        missed = this.#missed[k] as number
        missedBy = this.#missedBy[k] as number
      }
      const proved = this.#proved[k] as number
      if (appended > proved) this.#reportReordered(findings, appendedAt, k)
      if (missed > proved) this.#reportStale(findings, missedBy, k)
    }
  }

  #addProduce(row: number): void {
    const { recordStarts, recordCounts, invokedNs, returnedNs } = this.#partition
    const first = recordStarts[row] as number
    const end = first + (recordCounts[row] as number)
    const acknowledged = isAcknowledged(this.#partition, row)
    for (let place = first; place < end; place += 1) {
      const offset = this.#evidence.offsetOf[place] as number
      const k = offset - this.#evidence.start + 1
      if (offset < 0 || k < 1 || k > this.#size) continue
      const begin = invokedNs[row] as number
      if (begin > (this.#appended[k] as number)) this.#appended[k] = begin
      if (acknowledged) this.#prove(k, returnedNs[row] as number, row)
    }
  }

  #addFetch(row: number, findings: Findings): void {
    const { recordStarts, recordCounts, returnedNs, valueOffsets } = this.#partition
    const count = recordCounts[row] as number
    const returned = returnedNs[row] as number
    if (count > 0) {
      const last = (recordStarts[row] as number) + count - 1
      this.#prove((valueOffsets[last] as number) - this.#evidence.start + 1, returned, row)
    }
    this.#addEnd(row, count, findings)
  }

  /** What the fetch says of the log's end, by its high watermark or by having found nothing. */
  #addEnd(row: number, count: number, findings: Findings): void {
    const { highWatermarks, offsets, strong, returnedNs } = this.#partition
    const named = highWatermarks[row] as number
    const start = this.#evidence.start
    if (named >= 0) {
      this.#prove(named - start, returnedNs[row] as number, row)
      this.#findTornEnd(row, named, findings)
    }
    if (strong[row] === 0) return
    const end = named >= 0 ? named : count === 0 ? (offsets[row] as number) : -1
    if (end < 0) return
    this.#miss(Math.max(0, end - start + 1), row)
  }

  /** An end strictly inside a batch shows half of it. */
  #findTornEnd(row: number, end: number, findings: Findings): void {
    const before = this.#evidence.placeAt[end - this.#evidence.start - 1] ?? NOBODY
    if (before === NOBODY) return
    const { recordCounts, recordStarts, valueRows } = this.#partition
    const writer = valueRows[before] as number
    const batchEnd = (recordStarts[writer] as number) + (recordCounts[writer] as number)
    if (before === batchEnd - 1) return
    findings.invalid('torn', () => {
      const batch = describe(this.#partition, writer)
      const text = `the end ${end} cuts a batch: ${describe(this.#partition, row)}; ${batch}`
      return inPartition(this.#partition, text)
    })
  }

  #miss(k: number, row: number): void {
    const begin = this.#partition.invokedNs[row] as number
    if (k > this.#size || begin <= (this.#missed[k] as number)) return
    this.#missed[k] = begin
    this.#missedBy[k] = row
  }

  #prove(k: number, returned: number, row: number): void {
    if (k < 1 || k > this.#size || returned >= (this.#proved[k] as number)) return
    this.#proved[k] = returned
    this.#provedBy[k] = row
  }

  #joinBatch(first: number, count: number): void {
    const last = Math.min(first + count - 1, this.#size)
    for (let k = first + 1; k <= last; k += 1) {
      this.#lower(first, this.#missed[k] as number, this.#missedBy[k] as number)
    }
    for (let k = first; k < last; k += 1) {
      this.#prove(last, this.#proved[k] as number, this.#provedBy[k] as number)
    }
  }

  #lower(k: number, begin: number, row: number): void {
    if (begin <= (this.#missed[k] as number)) return
    this.#missed[k] = begin
    this.#missedBy[k] = row
  }

  #holes(): readonly number[] {
    const { placeAt } = this.#evidence
    const holes: number[] = []
    for (let slot = 0; slot < this.#size; slot += 1) {
      if (placeAt[slot] === NOBODY) holes.push(slot + 1)
    }
    return holes
  }

  /** When the records began, ascending, that may be in the log where nobody looked. */
  #unseenRecords(): { readonly begins: Float64Array; readonly single: boolean } {
    const { ids, recordStarts, recordCounts, invokedNs, tries } = this.#partition
    const begins: number[] = []
    let single = true
    for (let row = 0; row < ids.length; row += 1) {
      if (!mayHaveHappened(this.#partition, row)) continue
      if ((this.#evidence.offsetOf[recordStarts[row] as number] as number) >= 0) continue
      const count = (recordCounts[row] as number) * (tries[row] as number)
      if (count > 1) single = false
      for (let at = 0; at < count; at += 1) begins.push(invokedNs[row] as number)
    }
    return { begins: Float64Array.from(begins).sort(), single }
  }

  /** By when k records were there, as any larger number proves it too. */
  #deadlines(): Float64Array {
    const deadlines = this.#proved.slice()
    for (let k = this.#size - 1; k >= 0; k -= 1) {
      deadlines[k] = Math.min(deadlines[k] as number, deadlines[k + 1] as number)
    }
    return deadlines
  }

  #offsetOf(k: number): number {
    return this.#evidence.start + k - 1
  }

  #reportReordered(findings: Findings, lowerAt: number, upperAt: number): void {
    const partition = this.#partition
    const explain = (): string => {
      const place = this.#evidence.placeAt[lowerAt - 1] as number
      const late = describe(partition, partition.valueRows[place] as number)
      const proof = this.#proof(upperAt)
      const offset = this.#offsetOf(lowerAt)
      return inPartition(partition, `offset ${offset} was sent only then: ${late}; yet ${proof}`)
    }
    findings.invalid('reordered', explain)
    findings.invalid('linearizable', explain)
  }

  #reportStale(findings: Findings, missedBy: number, upperAt: number): void {
    const explain = (): string => {
      const read = describe(this.#partition, missedBy)
      return inPartition(this.#partition, `${read}; yet ${this.#proof(upperAt)}`)
    }
    findings.invalid('stale', explain)
    findings.invalid('linearizable', explain)
  }

  /** Who proves that the log held `k` records, and by when. */
  #proof(k: number): string {
    const row = this.#provedBy[k] as number
    if (row === NOBODY) return 'the history says that the partition began beyond it'
    const when = milliseconds(this.#proved[k] as number)
    const proof = this.#partition.kinds[row] === FETCH ? 'was served' : 'was acknowledged'
    const what = `offset ${this.#offsetOf(k)} ${proof} by ${when} ms`
    return `${what}: ${describe(this.#partition, row)}`
  }
}
