import type { ExperimentResult } from '../judgement/history/experiment-record.ts'
import { quantileText, quantityOrNone } from './quantity.ts'
import { textTable, wrapped } from './text-table.ts'

/** Axis G by its name in a subject: see docs/STORES.md. */
const SECOND_LOG = 'separate-log'

/**
 * What a second log behind the Raft log costs, all in one table; nothing where no subject keeps
 * one. All amounts are those of all nodes together.
 */
export function twoLogsSection(results: readonly ExperimentResult[]): readonly string[] {
  if (!results.some(({ subject }) => subject.includes(SECOND_LOG))) return []
  const head = [
    'workload',
    'subject',
    'syncs per ack',
    'bytes written /byte',
    'on disk /byte',
    'p50 ms',
    'CPU µs/ record',
  ]
  const rows = results.map((result) => [
    result.workload,
    result.rankable ? result.subject : `${result.subject} (not ranked)`,
    quantityOrNone(result.syncsPerAck),
    quantityOrNone(perByte(result, result.bytesWrittenPerAck)),
    quantityOrNone(perByte(result, result.diskBytesWrittenPerAck)),
    quantileText(result.responseMs.p50, 0.5),
    quantityOrNone(nodesCpu(result)),
  ])
  const note =
    '/byte: for each byte of a record’s value that was acknowledged, on all nodes together. ' +
    'Written: as the nodes count it. On disk: what the machine’s disks were given, by whomever.'
  return [
    'one log or two',
    textTable(head, rows, { widths: [13, 15, 8, 9, 9, 9, 9] }),
    wrapped(note, ''),
    '',
  ]
}

function perByte({ payloadBytesPerAck }: ExperimentResult, perAck?: number | null): number | null {
  if (payloadBytesPerAck === undefined || perAck === undefined || perAck === null) return null
  return payloadBytesPerAck === 0 ? null : perAck / payloadBytesPerAck
}

function nodesCpu({ cpuMicrosPerRecord }: ExperimentResult): number | null {
  const { leader, followers } = cpuMicrosPerRecord
  return leader === null || followers === null ? null : leader + followers
}
