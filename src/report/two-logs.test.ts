import { expect, test } from 'vitest'
import type { ExperimentResult } from '../judgement/history/experiment-record.ts'
import { twoLogsSection } from './two-logs.ts'

const result = (subject: string, change: Partial<ExperimentResult> = {}): ExperimentResult =>
  ({
    workload: 'two-logs',
    subject,
    rankable: true,
    syncsPerAck: 3,
    bytesWrittenPerAck: 12_800,
    diskBytesWrittenPerAck: 20_480,
    payloadBytesPerAck: 4_096,
    responseMs: { p50: 1.25, p90: 2, p99: 3, p999: null, max: 5 },
    cpuMicrosPerRecord: { leader: 100, followers: 50, generator: 9 },
    ...change,
  }) as ExperimentResult

test('bytes are those for each acknowledged byte, CPU that of all nodes', () => {
  const [, table = ''] = twoLogsSection([result('event/wal'), result('event/wal@separate-log')])

  const row = table.split('\n').find((line) => line.includes('event/wal '))
  expect(
    row
      ?.split('│')
      .map((cell) => cell.trim())
      .slice(3, 8),
  ).toEqual(['3.00', '3.13', '5.00', '1.25', '150'])
  expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})

test('what was not observed is said to be missing, and one log alone is no question', () => {
  const unseen = result('event/wal@separate-log', {
    diskBytesWrittenPerAck: null,
    bytesWrittenPerAck: null,
  })

  expect(twoLogsSection([unseen])[1]?.match(/n\/a/g)).toHaveLength(2)
  expect(twoLogsSection([result('event/wal')])).toEqual([])
})
