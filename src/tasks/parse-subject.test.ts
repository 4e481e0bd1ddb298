import { expect, test } from 'vitest'
import type { Adapter } from '../experiment/cluster/adapter-manifest.ts'
import { claimedDurability, parseSubject, refuseDurability } from './parse-subject.ts'

const adapterOf = (name: string, stores: readonly string[]): Adapter => ({
  directory: `/adapters/${name}`,
  manifest: {
    name,
    kind: 'raft',
    language: 'typescript',
    version: '0.1.0',
    contract: 1,
    start: ['node'],
    claims: { stores, durability: 'D2' },
    tuning: { tuned: { windowMessages: 8 } },
    exceptions: [],
  },
})
const adapters = new Map(
  [adapterOf('event', ['memory', 'wal']), adapterOf('null', [])].map((adapter) => [
    adapter.manifest.name,
    adapter,
  ]),
)

test.each([
  ['event/wal', 'wal', {}],
  ['event/wal@tuned', 'wal', { windowMessages: 8 }],
  ['event/memory@same', 'memory', {}],
  ['event/memory@b.tick+linger.0.5', 'memory', { b: 'tick', linger: 0.5 }],
  ['event/wal@e.like-openraft-0.10', 'wal', { e: 'like-openraft-0.10' }],
  ['null', 'none', {}],
])('%s is understood', (text, store, tuning) => {
  expect(parseSubject(text, adapters)).toMatchObject({ name: text, store, tuning })
})

test.each([
  ['evnt/wal', 'did you mean event?'],
  ['event/wall', 'did you mean wal?'],
  ['event/wal@tund', 'did you mean tuned?'],
  ['event', 'write event/memory or event/wal'],
  ['null/wal', 'write null'],
  ['event//wal', 'write RAFT[/STORE][@TUNING], for example event/wal'],
  ['zzzzzz/wal', 'choose one of: event, null'],
])('%s is refused: %s', (text, nextStep) => {
  expect(() => parseSubject(text, adapters)).toThrowError(
    expect.objectContaining({ code: 'subject-invalid', nextStep }),
  )
})

test('a raft alone takes the store of the workload', () => {
  expect(parseSubject('event@tuned', adapters, 'memory').name).toBe('event/memory@tuned')
  expect(parseSubject('null', adapters, 'memory').name).toBe('null')
})

test('memory promises D0, and is not asked for more', () => {
  const memory = parseSubject('event/memory', adapters)

  expect(claimedDurability(memory, 'D2')).toBe('D0')
  expect(() => refuseDurability(memory, 'D2')).toThrowError('event/memory cannot promise D2')
  expect(claimedDurability(parseSubject('event/wal', adapters), 'D3')).toBe('D3')
})

test('a design that no engine can be is refused before anything runs', () => {
  expect(() => parseSubject('event/wal@e.tick-polled', adapters)).toThrowError(
    expect.objectContaining({ code: 'design-impossible' }),
  )
  expect(() => parseSubject('event/wal@zeal.2', adapters)).toThrowError('no tuning word zeal')
})
