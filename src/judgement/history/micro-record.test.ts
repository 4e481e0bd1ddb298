import { expect, test } from 'vitest'
import { compareMicro, type MicroRecord } from './micro-record.ts'

const figures = (task: string, p50Ns: number) => ({
  task,
  operations: 1,
  samples: 100,
  p50Ns,
  p99Ns: 2 * p50Ns,
  meanNs: p50Ns,
  marginPercent: 1,
  warnings: [],
})

const record = (tasks: Record<string, number>, nodeVersion = '20'): MicroRecord => ({
  schema: 'raftmark/micro/1',
  takenAt: '2026-01-01T00:00:00Z',
  machine: { cpuModel: 'cpu', nodeVersion, fileSystemType: 'ext4' },
  engines: [
    { engine: 'codec', tasks: Object.entries(tasks).map(([task, ns]) => figures(task, ns)) },
  ],
})

test('medians are compared task by task, and small differences say nothing', () => {
  const now = record({ encode: 130, decode: 70, check: 110, new: 5 })
  const before = record({ encode: 100, decode: 100, check: 100, gone: 5 })

  const { different, changes } = compareMicro(now, before)

  expect(different).toBeUndefined()
  expect(changes).toEqual([
    { engine: 'codec', task: 'encode', ratio: 1.3, verdict: 'slower' },
    { engine: 'codec', task: 'decode', ratio: 0.7, verdict: 'faster' },
    { engine: 'codec', task: 'check', ratio: 1.1, verdict: 'alike' },
  ])
})

test('another machine or Node.js is not compared with', () => {
  const { different, changes } = compareMicro(record({ encode: 1 }, '22'), record({ encode: 9 }))

  expect(different).toBe('nodeVersion was 20 and is 22')
  expect(changes).toEqual([])
})
