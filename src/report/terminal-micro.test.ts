import { expect, test } from 'vitest'
import { renderMicro } from './terminal-micro.ts'

test('figures take a line of 80 columns each, and what changed comes last', () => {
  const task = {
    task: 'check and decode a frame of 10 × 1024 B',
    operations: 100,
    samples: 900,
    p50Ns: 1_234,
    p99Ns: 2_345_678,
    meanNs: 1_300,
    marginPercent: 12.34,
    warnings: ['the timer is too coarse'],
  }
  const record = {
    schema: 'raftmark/micro/1',
    takenAt: '2026-01-02T00:00:00Z',
    machine: { cpuModel: 'cpu', nodeVersion: '20', fileSystemType: 'ext4' },
    engines: [{ engine: 'wal-framing', tasks: [task] }],
  } as const
  const change = { engine: 'wal-framing', task: task.task, ratio: 1.5, verdict: 'slower' } as const

  const lines = renderMicro(record, {
    takenAt: '2026-01-01T00:00:00Z',
    different: undefined,
    changes: [change, { ...change, ratio: 1, verdict: 'alike' }],
  })

  expect(lines).toEqual([
    'wal-framing',
    '  check and decode a frame of 10 × 1024 B  p50  1.23 µs  p99  2.35 ms ± 12.3 %',
    'warning: wal-framing, check and decode a frame of 10 × 1024 B: the timer is too coarse',
    'Against 2026-01-01T00:00:00Z: 1 of 2 medians differ.',
    '  slower  × 1.50  wal-framing, check and decode a frame of 10 × 1024 B',
  ])
})
