import { expect, test } from 'vitest'
import { axesBetween, designTuned } from './design-axes.ts'
import { designNamed } from './designs.ts'

test('tick and event differ in the clock and in how they wait for the disk', () => {
  expect(axesBetween(designNamed('tick'), designNamed('event'))).toEqual([
    { letter: 'A', name: 'clock', from: 'ticks of 100 ms, random', to: 'timers' },
    { letter: 'B', name: 'disk coupling', from: 'lockstep', to: 'overlap' },
  ])
})

test('a design with all axes of another one is that design, but for its name', () => {
  const walked = designTuned('tick', {
    a: 'like-openraft-0.9',
    c: 'like-openraft-0.9',
    d: 'like-openraft-0.9',
    e: 'like-openraft-0.9',
  })

  expect(axesBetween(walked, designNamed('like-openraft-0.9'))).toEqual([])
})

test('an axis is taken from the design that is named, and nothing else', () => {
  const changed = axesBetween(designNamed('tick'), designTuned('tick', { b: 'event' }))

  expect(changed.map(({ letter }) => letter)).toEqual(['B'])
})

test('batching is tuned by numbers', () => {
  expect(designTuned('event', { linger: 2, cap: 64, window: 4 })).toMatchObject({
    batching: { rule: { kind: 'linger', lingerNs: 2_000_000 }, entriesMax: 64 },
    window: { messagesMax: 4 },
  })
})

test.each([
  [{ zeal: 1 }, 'subject-invalid'],
  [{ b: 'evnt' }, 'design-impossible'],
  [{ linger: 0 }, 'design-impossible'],
  [{ cap: 1.5 }, 'design-impossible'],
  // Effects on the tick, without a tick.
  [{ a: 'event', e: 'tick-polled' }, 'design-impossible'],
])('%j is refused', (tuning, code) => {
  expect(() => designTuned('tick', tuning)).toThrowError(expect.objectContaining({ code }))
})
