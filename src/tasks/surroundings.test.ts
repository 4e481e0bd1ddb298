import { expect, test } from 'vitest'
import { type Moment, momentNow, surroundingsOf } from './surroundings.ts'

const start: Moment = {
  wallMs: 1_000_000,
  monotonicMs: 500,
  machine: { totalNs: 100e9, idleNs: 60e9, stealNs: 0 },
  harnessCpuNs: 1e9,
}

/** Ten seconds on two cores, of which the run used five and the harness one. */
const tenSecondsLater = (change: Partial<Moment>): Moment => ({
  wallMs: 1_010_000,
  monotonicMs: 10_500,
  machine: { totalNs: 120e9, idleNs: 74e9, stealNs: 0 },
  harnessCpuNs: 2e9,
  ...change,
})

test('a run that has the machine for itself has no foreign load and no jump', () => {
  expect(surroundingsOf(start, tenSecondsLater({}), 5e9)).toEqual({
    seconds: 10,
    clockJumpMs: 0,
    foreignRatio: 0,
    stealRatio: 0,
  })
})

test('what is neither idle nor ours is foreign, stolen time too', () => {
  const machine = { totalNs: 120e9, idleNs: 68e9, stealNs: 3e9 }

  const { foreignRatio, stealRatio } = surroundingsOf(start, tenSecondsLater({ machine }), 5e9)
  expect(foreignRatio).toBeCloseTo(0.3)
  expect(stealRatio).toBeCloseTo(0.15)
})

test.each([-3_600_000, 90])('a clock that is set by %d ms is seen', (jumpMs) => {
  const after = tenSecondsLater({ wallMs: 1_010_000 + jumpMs })

  expect(surroundingsOf(start, after, 5e9).clockJumpMs).toBe(Math.abs(jumpMs))
})

test('a moment is read from this machine', () => {
  const { wallMs, machine, harnessCpuNs } = momentNow()

  expect(wallMs).toBeGreaterThan(1_700_000_000_000)
  expect(machine.totalNs).toBeGreaterThan(machine.idleNs)
  expect(harnessCpuNs).toBeGreaterThan(0)
})
