import { expect, test } from 'vitest'
import type { Design } from './design.ts'
import { designNamed, designNames } from './designs.ts'
import { validateDesign } from './validate-design.ts'

test('tick and event differ in axes A and B alone', () => {
  const tick = designNamed('tick')
  const event = designNamed('event')

  const { name: _tick, clock: tickClock, disk: tickDisk, ...tickRest } = tick
  const { name: _event, clock: eventClock, disk: eventDisk, ...eventRest } = event

  expect(tickRest).toEqual(eventRest)
  expect([tickClock.kind, tickDisk.kind]).toEqual(['ticks', 'lockstep'])
  expect([eventClock.kind, eventDisk.kind]).toEqual(['timers', 'overlap'])
})

test.each(designNames)('the named design %s is possible', (name) => {
  expect(designNamed(name).name).toBe(name)
})

test('a name that no design has is refused with those that exist', () => {
  expect(() => designNamed('tock')).toThrow(
    expect.objectContaining({ code: 'design-impossible', nextStep: expect.stringMatching(/tick/) }),
  )
})

const event = designNamed('event')
const impossible: readonly (readonly [string, Design, RegExp])[] = [
  [
    'handles on a tick without a tick',
    { ...event, batching: { ...event.batching, handle: 'on-tick' } },
    /where there is a tick/,
  ],
  [
    'ticks more seldom than its election timeout allows',
    {
      ...event,
      clock: { kind: 'ticks', periodNs: 900e6, phase: 'random', missed: 'dropped' },
    },
    /look/,
  ],
  [
    'beats too seldom',
    { ...event, timing: { ...event.timing, heartbeatNs: 600e6 } },
    /miss a heartbeat/,
  ],
  [
    'has one election timeout for all',
    { ...event, timing: { ...event.timing, electionNsMax: event.timing.electionNsMin } },
    /drawn from/,
  ],
  ['has an empty window', { ...event, window: { ...event.window, messagesMax: 0 } }, /window/],
  [
    'lingers for no time',
    { ...event, batching: { ...event.batching, rule: { kind: 'linger', lingerNs: 0 } } },
    /natural/,
  ],
  [
    'shares what cannot be shared yet',
    { ...event, sharing: 'shared-sync' as unknown as 'none' },
    /axis F/,
  ],
]

test.each(impossible)('a design that %s is refused with the reason', (_, design, reason) => {
  expect(() => validateDesign(design)).toThrow(reason)
})
