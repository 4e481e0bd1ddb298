import { expect, test } from 'vitest'
import type { SyncCase } from '../history/durability-record.ts'
import { contradicts, observedDurability } from './judge-durability.ts'

const oneCase = (
  inFlight: number,
  syncs: readonly number[],
  change: { readonly bytesWritten?: number; readonly seen?: boolean } = {},
): SyncCase => ({
  inFlight,
  acknowledged: 100,
  nodes: syncs.map((count, at) => ({
    node: at + 1,
    systemSyncs: change.seen === false ? undefined : count,
    countedSyncs: change.seen === false ? count : 100,
    bytesWritten: change.bytesWritten ?? 5_000,
  })),
})

test.each([
  ['a sync for each batch, always', [100, 99, 98], [100, 100, 99], 'D3'],
  ['a sync for each batch alone, a shared one together', [100, 100, 0], [9, 8, 7], 'D2'],
  ['followers that take turns', [100, 60, 45], [9, 8, 7], 'D2'],
  ['a node that syncs twice, and others that do not', [200, 3, 2], [200, 0, 0], 'D1'],
  ['a leader that syncs alone', [100, 3, 2], [10, 0, 0], 'D1'],
  ['a sync for every second batch', [50, 50, 50], [2, 2, 2], 'D1'],
  ['no sync at all', [0, 0, 0], [0, 0, 0], 'D1'],
])('%s is seen', (_, alone, together, observed) => {
  const found = observedDurability([oneCase(64, together), oneCase(1, alone)])

  expect(found.observed).toBe(observed)
})

test('what the system saw counts, and what the node says only where nobody could look', () => {
  const cases = [1, 64].map((inFlight) => oneCase(inFlight, [0, 0, 0]))
  const unseen = [1, 64].map((inFlight) => oneCase(inFlight, [100, 100, 100], { seen: false }))

  expect(observedDurability(cases).observed).toBe('D1')
  expect(observedDurability(unseen).observed).toBe('D3')
})

test('what writes nothing is memory', () => {
  const cases = [1, 64].map((inFlight) => oneCase(inFlight, [0, 0, 0], { bytesWritten: 0 }))

  expect(observedDurability(cases).observed).toBe('D0')
})

test('less than is claimed contradicts, more does not', () => {
  expect(contradicts('D2', 'D1')).toBe(true)
  expect(contradicts('D3', 'D2')).toBe(true)
  expect(contradicts('D2', 'D3')).toBe(false)
  expect(contradicts('D1', 'D1')).toBe(false)
})
