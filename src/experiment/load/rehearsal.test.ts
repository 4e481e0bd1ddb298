import { expect, test } from 'vitest'
import { type LoadUnderTest, startLoad } from '../../../test/support/load-under-test.ts'
import type { Clock } from '../../base/clock.ts'

const MS = 1_000_000

const phasesOf = ({ messages }: LoadUnderTest) =>
  messages.flatMap((message) => (message.kind === 'phase' ? [message.phase] : []))

const rehearsed = ({ messages }: LoadUnderTest): number =>
  messages.reduce(
    (sum, message) =>
      message.kind === 'slice' && message.slice.phase === 'rehearsal'
        ? sum + message.slice.requestsDone
        : sum,
    0,
  )

test('a rehearsal has twice the rate for half of its time, and nothing of it is measured', () => {
  const load = startLoad({ rehearsalSeconds: 2 })

  const { report } = load.finish()

  expect(phasesOf(load)).toEqual(['warm-up', 'rehearsal', 'measure', 'drain'])
  expect(rehearsed(load)).toBeGreaterThan(290)
  expect(rehearsed(load)).toBeLessThanOrEqual(300)
  expect(report).toMatchObject({ requests: 200, acknowledged: 200, offeredPerSecond: 100 })
  expect(report.latency.responseMs.count).toBe(200)
})

test('a rehearsal makes no backlog: what is due while too many are outstanding is left out', () => {
  const load = startLoad({ rehearsalSeconds: 2, warmUpInFlight: 1 }, { delayNs: 50 * MS })

  const { report } = load.finish()

  expect(rehearsed(load)).toBeGreaterThan(20)
  expect(rehearsed(load)).toBeLessThanOrEqual(40)
  expect(report.acknowledged).toBe(200)
  expect(report.latency.responseMs.max).toBeLessThan(55)
})

test('a run that is stopped in its rehearsal begins nothing more', () => {
  const load = startLoad({ rehearsalSeconds: 10, warmUpInFlight: 4 }, { delayNs: 50 * MS })
  load.clock.advanceTo(2_000 * MS)

  load.run.stop('Ctrl-C')

  const before = load.clock.nowNs()
  expect(load.finish().report).toMatchObject({ requests: 0, interrupted: 'Ctrl-C' })
  expect(phasesOf(load)).toEqual(['warm-up', 'rehearsal', 'drain'])
  // Were there more, something would always be outstanding, until the drain's limit of 3 s.
  expect(load.clock.nowNs() - before).toBeLessThanOrEqual(1_000 * MS)
})

test('an answer also sends what is due, when timers ring late', () => {
  const late = (clock: Clock): Clock => ({
    ...clock,
    wakeAt: (atNs, wake) => clock.wakeAt(atNs + 5 * MS, wake),
  })
  const arrival = { kind: 'constant', ratePerSecond: 1_000 } as const

  const { report } = startLoad({ arrival }, { delayNs: 2 * MS }, late).finish()

  expect(report.acknowledged).toBe(2_000)
  expect(report.latency.sendLagMs.p50).toBeLessThan(1.6)
})
