import { describe, expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { classifySteadiness, warmUpLength } from './steady-state.ts'

describe('classifySteadiness', () => {
  test('a level run is flat from its first window', () => {
    expect(classifySteadiness(around(times(60, 1000)), 'higher')).toEqual({
      class: 'flat',
      steadyFrom: 0,
    })
  })

  test('a run that becomes better and stays so has warmed up', () => {
    const throughput = around([...times(20, 600), ...times(60, 1000)])
    const latency = around([...times(20, 6), ...times(60, 3)])

    expect(classifySteadiness(throughput, 'higher')).toEqual({ class: 'warm-up', steadyFrom: 20 })
    expect(classifySteadiness(latency, 'lower')).toEqual({ class: 'warm-up', steadyFrom: 20 })
  })

  test('a run that becomes worse and stays so has slowed down', () => {
    const throughput = around([...times(20, 1000), ...times(60, 600)])
    expect(classifySteadiness(throughput, 'higher').class).toBe('slowdown')
  })

  test('a change in the second half is no steady state', () => {
    const throughput = around([...times(60, 600), ...times(20, 1000)])
    expect(classifySteadiness(throughput, 'higher')).toEqual({
      class: 'no-steady-state',
      steadyFrom: undefined,
    })
  })
})

describe('warmUpLength (MSER-5)', () => {
  test('drops nothing of a level series', () => {
    expect(warmUpLength(times(50, 3))).toBe(0)
  })

  test('drops a slow start, in steps of five', () => {
    // The noise repeats every five values, so the means of five show the level alone.
    const series = [...times(15, 9), ...times(85, 3)].map((level, at) => level + (at % 5) / 4)
    expect(warmUpLength(series)).toBe(15)
  })

  test('in noise drops the whole slow start and little more', () => {
    const dropped = warmUpLength(around([...times(15, 9), ...times(85, 3)]))
    expect(dropped).toBeGreaterThanOrEqual(15)
    expect(dropped).toBeLessThanOrEqual(30)
  })

  test('says that a run had not warmed up when more than half would go', () => {
    const falling = Array.from({ length: 50 }, (_, at) => 100 - 2 * at)
    const late = [...falling.map((value) => value + 50), ...times(20, 3)]
    expect(warmUpLength(late)).toBeUndefined()
  })

  test('needs fifty values', () => {
    expect(warmUpLength(times(49, 1))).toBeUndefined()
  })
})

function times(count: number, value: number): number[] {
  return Array.from({ length: count }, () => value)
}

function around(levels: readonly number[]): number[] {
  const prng = prngFromSeed(5)
  return levels.map((level) => level * (0.98 + 0.04 * prng.ratio()))
}
