import { FETCH, type History, OK, type PartitionHistory, PRODUCE } from '../history/history.ts'
import { type Evidence, isAcknowledged } from './evidence.ts'
import { describe, inPartition } from './explain.ts'
import type { Findings } from './findings.ts'

/** What was acknowledged or served, and the longest replica lacks after the run. */
export function checkLost(evidence: Evidence, findings: Findings): void {
  const { partition, readBack } = evidence
  if (readBack === undefined) {
    const text = 'no replica was read back after the run, so the tail may be lost'
    findings.unknown('lost', inPartition(partition, text))
    return
  }
  const end = readBack.start + readBack.vals.length
  for (let row = 0; row < partition.ids.length; row += 1) {
    const last = lastOffsetOf(partition, row)
    if (last < end) continue
    findings.invalid('lost', () => {
      const held = `after the run node ${readBack.n} reaches furthest and ends at ${end}`
      return inPartition(partition, `${describe(partition, row)}; ${held}`)
    })
  }
}

/** The last offset that this operation proves to hold a committed record, or -1. */
function lastOffsetOf(partition: PartitionHistory, row: number): number {
  const count = partition.recordCounts[row] as number
  if (isAcknowledged(partition, row)) return (partition.offsets[row] as number) + count - 1
  if (partition.kinds[row] !== FETCH || partition.outcomes[row] !== OK) return -1
  const watermark = (partition.highWatermarks[row] as number) - 1
  if (count === 0) return watermark
  const last = (partition.recordStarts[row] as number) + count - 1
  return Math.max(watermark, partition.valueOffsets[last] as number)
}

/** Fetches serve every record from the offset asked for, and none that is not committed. */
export function checkFetchRanges(partition: PartitionHistory, findings: Findings): void {
  for (let row = 0; row < partition.ids.length; row += 1) {
    if (partition.kinds[row] !== FETCH || partition.outcomes[row] !== OK) continue
    const count = partition.recordCounts[row] as number
    if (count > 0) checkFetchRange(partition, row, count, findings)
  }
}

function checkFetchRange(
  partition: PartitionHistory,
  row: number,
  count: number,
  findings: Findings,
): void {
  const first = partition.recordStarts[row] as number
  let expected = Math.min(partition.offsets[row] as number, partition.valueOffsets[first] as number)
  for (let at = first; at < first + count; at += 1) {
    const offset = partition.valueOffsets[at] as number
    if (offset !== expected) {
      const due = expected
      findings.invalid('gap', () =>
        inPartition(
          partition,
          `offset ${offset} came where ${due} was due: ${describe(partition, row)}`,
        ),
      )
    }
    expected = offset + 1
  }
  const watermark = partition.highWatermarks[row] as number
  if (watermark < 0 || expected <= watermark) return
  findings.invalid('dirty-read', () =>
    inPartition(partition, `offset ${expected - 1} was served: ${describe(partition, row)}`),
  )
}

/** Pipelined or not: what a client sent later stands later, where that is promised. */
export function checkSessions(history: History, findings: Findings): void {
  if (!history.guarantees.ordered) return
  for (const partition of history.partitions) {
    const lastRows = new Map<number, number>()
    for (let row = 0; row < partition.ids.length; row += 1) {
      if (!isAcknowledged(partition, row)) continue
      const client = partition.clients[row] as number
      const last = lastRows.get(client)
      if (last !== undefined && isBefore(partition, row, last)) {
        findings.invalid('session', () =>
          inPartition(partition, `${describe(partition, last)}; ${describe(partition, row)}`),
        )
        continue
      }
      lastRows.set(client, row)
    }
  }
}

const isBefore = (partition: PartitionHistory, row: number, other: number): boolean =>
  (partition.offsets[row] as number) < (partition.offsets[other] as number)

/** Within one life of one node, the high watermark that it names never falls. KIP-207. */
export function checkWatermarks(history: History, findings: Findings): void {
  const restartsNs = restartsOf(history)
  for (const partition of history.partitions) {
    for (const [node, rows] of watermarkRows(partition)) {
      checkNode(partition, rows, restartsNs.get(node) ?? [], findings)
    }
  }
}

function restartsOf(history: History): ReadonlyMap<number, readonly number[]> {
  const restarts = new Map<number, number[]>()
  for (const { n, e, ts } of history.nodeEvents) {
    if (e === 'leader') continue
    const times = restarts.get(n)
    if (times === undefined) restarts.set(n, [ts])
    else times.push(ts)
  }
  return restarts
}

function watermarkRows(partition: PartitionHistory): ReadonlyMap<number, readonly number[]> {
  const byNode = new Map<number, number[]>()
  for (let row = 0; row < partition.ids.length; row += 1) {
    const node = partition.nodes[row] as number
    if (partition.kinds[row] === PRODUCE || partition.outcomes[row] !== OK || node < 0) continue
    if ((partition.highWatermarks[row] as number) < 0) continue
    const rows = byNode.get(node)
    if (rows === undefined) byNode.set(node, [row])
    else rows.push(row)
  }
  return byNode
}

/** Sweeps the node's answers in time: each must name at least what was named before it began. */
function checkNode(
  partition: PartitionHistory,
  rows: readonly number[],
  restartsNs: readonly number[],
  findings: Findings,
): void {
  const { invokedNs, returnedNs, highWatermarks } = partition
  const byBegin = sortedBy(rows, invokedNs)
  const byEnd = sortedBy(rows, returnedNs)
  let ended = 0
  let highest = -1
  for (const row of byBegin) {
    const begin = invokedNs[row] as number
    while (ended < byEnd.length && (returnedNs[byEnd[ended] as number] as number) < begin) {
      const candidate = byEnd[ended] as number
      ended += 1
      if (highest < 0 || mark(candidate) >= mark(highest)) highest = candidate
      else if (isSplit(restartsNs, highest, candidate)) highest = candidate
    }
    if (highest < 0 || mark(row) >= mark(highest) || isSplit(restartsNs, highest, row)) continue
    const before = highest
    findings.invalid('hw-regression', () =>
      inPartition(partition, `${describe(partition, before)}; later ${describe(partition, row)}`),
    )
  }

  function mark(row: number): number {
    return highWatermarks[row] as number
  }

  function isSplit(times: readonly number[], first: number, second: number): boolean {
    const from = invokedNs[first] as number
    const to = returnedNs[second] as number
    return times.some((time) => time >= from && time <= to)
  }
}

function sortedBy(rows: readonly number[], timesNs: readonly number[]): readonly number[] {
  return [...rows].sort((a, b) => (timesNs[a] as number) - (timesNs[b] as number) || a - b)
}

/** Whether the recording says enough: a verdict on an empty history would be worth nothing. */
export function checkRecording(history: History, findings: Findings): void {
  if (!history.complete) findings.unknown('recording', 'the line "end" is missing: it was cut')
  const acknowledged = history.partitions.some((partition) =>
    partition.ids.some((_, row) => isAcknowledged(partition, row)),
  )
  if (!acknowledged) findings.unknown('recording', 'no produce was acknowledged')
}
