import { build } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { addCounts, HdrCounts, MICROS_MAX } from './hdr-counts.ts'

const emptyHistogram = () =>
  build({ autoResize: false, highestTrackableValue: 2 ** 31, numberOfSignificantValueDigits: 3 })

test('it counts as HdrHistogram does, over the whole range', () => {
  const prng = prngFromSeed(3)
  const values = [0, 1, 2047, 2048, 2049, 4095, 4096, 1_000_000, MICROS_MAX]
  for (let bits = 1; bits <= 31; bits += 1) {
    for (let draw = 0; draw < 50; draw += 1) values.push(prng.below(2 ** bits - 1))
  }
  const direct = emptyHistogram()
  const counts = new HdrCounts()
  for (const value of values) {
    direct.recordValue(value)
    counts.record(value)
  }

  const taken = emptyHistogram()
  addCounts(counts.take(), taken)

  expect(taken.totalCount).toBe(values.length)
  expect(taken.maxValue).toBe(direct.maxValue)
  for (let percentile = 0; percentile <= 100; percentile += 0.1) {
    expect(taken.getValueAtPercentile(percentile)).toBe(direct.getValueAtPercentile(percentile))
  }
})

test('draining empties it', () => {
  const counts = new HdrCounts()
  counts.record(5)
  addCounts(counts.take(), emptyHistogram())
  const second = emptyHistogram()
  counts.record(9_000)
  addCounts(counts.take(), second)

  expect(second.totalCount).toBe(1)
})

test('what is out of range counts at the end that it passed', () => {
  const counts = new HdrCounts()
  counts.record(-3)
  counts.record(1e15)
  const histogram = emptyHistogram()
  addCounts(counts.take(), histogram)

  expect(histogram.getValueAtPercentile(0)).toBe(0)
  expect(histogram.maxValue).toBeGreaterThanOrEqual(MICROS_MAX - MICROS_MAX / 1000)
})
