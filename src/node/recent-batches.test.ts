import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecentBatches } from './recent-batches.ts'

const MIB = 1024 * 1024

test('the last batches are there, byte for byte, from any offset', () => {
  const sizes = fc.array(
    fc.record({
      bytes: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 2 * MIB })),
      records: fc.integer({ min: 1, max: 9 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  fc.assert(
    fc.property(sizes, fc.nat(), (batches, seed) => {
      const recent = new RecentBatches(3 * MIB)
      const model: { baseOffset: number; end: number; bytes: number; fill: number }[] = []
      let end = 0
      for (const [at, { bytes, records }] of batches.entries()) {
        recent.append(new Uint8Array(bytes).fill(at), records)
        model.push({ baseOffset: end, end: end + records, bytes, fill: at })
        end += records
      }

      const offset = recent.startOffset + (seed % (end - recent.startOffset + 1))
      const found = recent.from(offset, Number.MAX_SAFE_INTEGER)

      const wanted = model.filter((batch) => batch.end > offset)
      expect(recent.endOffset).toBe(end)
      expect(found.map(({ baseOffset, batch }) => [baseOffset, batch.length, batch[0]])).toEqual(
        wanted.map(({ baseOffset, bytes, fill }) => [baseOffset, bytes, fill]),
      )
      expect(recent.from(offset, 1)).toHaveLength(Math.min(1, wanted.length))
    }),
    { numRuns: 40 },
  )
})

test('what is kept is bounded', () => {
  const recent = new RecentBatches(2 * MIB)

  for (let at = 0; at < 5_000; at += 1) recent.append(new Uint8Array(1_000), 1)

  expect(recent.endOffset).toBe(5_000)
  expect(recent.startOffset).toBeGreaterThan(2_500)
  expect(recent.startOffset).toBeLessThan(4_000)
})
