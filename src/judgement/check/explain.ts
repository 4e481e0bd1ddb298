import { FAIL, OK, type PartitionHistory, PRODUCE } from '../history/history.ts'

const outcomes = new Map([
  [OK, 'ok'],
  [FAIL, 'fail'],
])

/** One operation in words: `op 12: client 3 produced [7,8] at offset 4, 1.5–2.1 ms`. */
export function describe(partition: PartitionHistory, row: number): string {
  const outcome = outcomes.get(partition.outcomes[row] as number) ?? 'indefinite'
  const returned = partition.returnedNs[row] as number
  const end = Number.isFinite(returned) ? milliseconds(returned) : '…'
  const time = `${milliseconds(partition.invokedNs[row] as number)}–${end} ms`
  const what = partition.kinds[row] === PRODUCE ? produce(partition, row) : fetch(partition, row)
  const who = `op ${partition.ids[row]}: client ${partition.clients[row]}`
  return `${who} ${what} (${outcome}, ${time})`
}

function produce(partition: PartitionHistory, row: number): string {
  const offset = partition.offsets[row] as number
  const where = offset < 0 ? '' : ` at offset ${offset}`
  return `produced [${shortList(recordsOf(partition, row))}]${where}`
}

function fetch(partition: PartitionHistory, row: number): string {
  const node = partition.nodes[row] as number
  const watermark = partition.highWatermarks[row] as number
  return [
    partition.strong[row] === 1 ? 'read' : 'read (may be stale)',
    `from offset ${partition.offsets[row]}`,
    `${partition.recordCounts[row]} records`,
    ...(watermark < 0 ? [] : [`high watermark ${watermark}`]),
    ...(node < 0 ? [] : [`node ${node}`]),
  ].join(', ')
}

function recordsOf(partition: PartitionHistory, row: number): readonly number[] {
  const start = partition.recordStarts[row] as number
  return partition.values.slice(start, start + (partition.recordCounts[row] as number))
}

const shortList = (values: readonly number[]): string =>
  values.length > 4 ? `${values.slice(0, 3).join(',')},…×${values.length}` : values.join(',')

export const milliseconds = (ns: number): string => String(Math.round(ns / 1e3) / 1e3)

export const inPartition = (partition: PartitionHistory, text: string): string =>
  `partition ${partition.partition}: ${text}`
