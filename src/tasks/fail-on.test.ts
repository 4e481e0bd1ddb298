import { expect, test } from 'vitest'
import type { MetricComparison } from '../judgement/history/experiment-record.ts'
import { applyThresholds, parseThreshold } from './fail-on.ts'

const comparison = (low: number | null, high: number | null): MetricComparison => ({
  workload: 'steady',
  a: 'tick/wal',
  b: 'event/wal',
  metric: 'responseMs.p99',
  unit: 'ratio',
  estimate: 1,
  low,
  high,
  verdict: 'undecided',
  margin: 0.1,
  pAdjusted: 1,
  familySize: 1,
  role: 'primary',
  noise: null,
  detectable: null,
  rounds: 10,
  roundsDropped: 0,
  reason: '',
})

test.each([
  ['p99 +5%', 'responseMs.p99', 1.05],
  ['throughput -10 %', 'achievedPerSecond', 0.9],
  ['responseMs.p50+2.5%', 'responseMs.p50', 1.025],
])('%s is %s at a ratio of %d', (text, metric, ratio) => {
  const threshold = parseThreshold(text)

  expect(threshold.metric).toBe(metric)
  expect(threshold.ratio).toBeCloseTo(ratio, 12)
})

test.each(['p99', 'p99 5%', 'p99 +5', '+5%', 'p98 +5%', 'throughput -100%'])(
  '%s is refused',
  (text) => {
    expect(() => parseThreshold(text)).toThrowError(
      expect.objectContaining({ code: 'flag-invalid' }),
    )
  },
)

test.each([
  [1.06, 1.2, 'failed'],
  [0.9, 1.04, 'held'],
  [1.01, 1.2, 'undecided'],
  [null, null, 'undecided'],
])('an interval from %d to %d has %s', (low, high, outcome) => {
  const [result] = applyThresholds([parseThreshold('p99 +5%')], [comparison(low, high)])

  expect(result?.outcome).toBe(outcome)
})

test('a threshold below 1 looks at the other side', () => {
  const [result] = applyThresholds([parseThreshold('p99 -5%')], [comparison(0.8, 0.94)])

  expect(result?.outcome).toBe('failed')
})
