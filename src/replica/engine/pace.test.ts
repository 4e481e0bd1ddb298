import { expect, test } from 'vitest'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { prngFromSeed } from '../../base/prng.ts'
import type { ClockChoice } from './design.ts'
import { createPace, type Pace } from './pace.ts'

const PERIOD_NS = 100
const ticks = (
  phase: 'aligned' | 'random',
  missed: 'dropped' | 'replayed' = 'dropped',
): ClockChoice => ({ kind: 'ticks', periodNs: PERIOD_NS, phase, missed })

test('with ticks the core sees time rise by one period per tick and stand still between', () => {
  const { clock, pace, wakes } = start(ticks('aligned'))
  clock.advanceTo(99)
  expect(pace.takeWake()).toBe(false)
  expect(pace.nowNs()).toBe(0)

  clock.advanceTo(150)

  expect(wakes()).toBe(1)
  expect(pace.takeWake()).toBe(true)
  expect(pace.nowNs()).toBe(100)
})

test('a busy host finds one of the ticks that it missed when they are dropped', () => {
  const { clock, pace } = start(ticks('aligned', 'dropped'))

  clock.advanceTo(350)

  expect(pace.takeWake()).toBe(true)
  expect(pace.nowNs()).toBe(100)
})

test('a busy host finds all ticks that it missed when they are replayed', () => {
  const { clock, pace } = start(ticks('aligned', 'replayed'))

  clock.advanceTo(350)

  expect(pace.takeWake()).toBe(true)
  expect(pace.nowNs()).toBe(300)
})

test('aligned nodes tick together, nodes of random phase each at a moment of their own', () => {
  const firstTickNs = (phase: 'aligned' | 'random', seed: number): number => {
    const { clock, pace } = start(ticks(phase), seed)
    for (let atNs = 0; ; atNs += 1) {
      clock.advanceTo(atNs)
      if (pace.takeWake()) return atNs
    }
  }
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8]

  expect(new Set(seeds.map((seed) => firstTickNs('aligned', seed)))).toEqual(new Set([100]))
  expect(new Set(seeds.map((seed) => firstTickNs('random', seed))).size).toBeGreaterThan(4)
})

test('a timer is not set anew for a deadline that only moves back', () => {
  const { clock, pace, wakes } = start({ kind: 'timers' })
  pace.arm(100)
  clock.advanceTo(50)
  pace.arm(150)

  clock.advanceTo(149)
  expect(wakes()).toBe(0)
  clock.advanceTo(150)

  expect(wakes()).toBe(1)
  expect(pace.nowNs()).toBe(150)
})

test('a deadline that comes nearer wakes at its new time', () => {
  const { clock, pace, wakes } = start({ kind: 'timers' })
  pace.arm(1_000)
  pace.arm(30)

  clock.advanceTo(30)

  expect(wakes()).toBe(1)
  expect(pace.takeWake()).toBe(true)
  expect(pace.takeWake()).toBe(false)
})

test.each([ticks('aligned'), { kind: 'timers' } as const])('stops: %o', (choice) => {
  const { clock, pace, wakes } = start(choice)
  pace.arm(10)
  pace.stop()

  clock.advanceTo(1_000)

  expect(wakes()).toBe(0)
})

function start(choice: ClockChoice, seed = 1) {
  const clock = createManualClock()
  let wakeCount = 0
  const pace: Pace = createPace({
    choice,
    clock,
    prng: prngFromSeed(seed),
    onWake: () => {
      wakeCount += 1
    },
  })
  return { clock, pace, wakes: () => wakeCount }
}
