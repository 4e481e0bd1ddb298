import { expect, test } from 'vitest'
import { isoTime, systemClock } from './clock.ts'

const MS = 1_000_000

test('time never goes back, and a wake-up is never early', async () => {
  for (const aheadNs of [0.2 * MS, 1 * MS, 1.7 * MS, 3.3 * MS]) {
    const dueNs = systemClock.nowNs() + aheadNs
    await new Promise<void>((resolve) => systemClock.wakeAt(dueNs, resolve))
    expect(systemClock.nowNs()).toBeGreaterThanOrEqual(dueNs)
  }
})

test('a wake-up in the past comes soon, but not before the call returns', async () => {
  const order: string[] = []

  const woken = new Promise<void>((resolve) =>
    systemClock.wakeAt(0, () => {
      order.push('woken')
      resolve()
    }),
  )
  order.push('returned')
  await woken

  expect(order).toEqual(['returned', 'woken'])
})

test('a cancelled wake-up does not come, be it due or not', async () => {
  const woken: string[] = []
  const soonNs = systemClock.nowNs() + 2 * MS

  systemClock.wakeAt(0, () => woken.push('due')).cancel()
  systemClock.wakeAt(soonNs, () => woken.push('later')).cancel()
  await new Promise<void>((resolve) => systemClock.wakeAt(soonNs + 5 * MS, resolve))

  expect(woken).toEqual([])
})

test('a deferred task runs after what runs now, and before timers', async () => {
  const order: string[] = []

  await new Promise<void>((resolve) => {
    systemClock.wakeAt(0, () => {
      order.push('timer')
      resolve()
    })
    systemClock.defer(() => order.push('deferred'))
    order.push('now')
  })

  expect(order).toEqual(['now', 'deferred', 'timer'])
})

test('the time of day is written as ISO 8601 in UTC', () => {
  expect(isoTime({ nowMs: () => 1_772_368_496_789 })).toBe('2026-03-01T12:34:56.789Z')
})
