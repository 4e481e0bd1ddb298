import fc from 'fast-check'
import { expect, test } from 'vitest'
import { benjaminiHochberg, holm } from './multiplicity.ts'

const raw = [0.01, 0.04, 0.03, 0.005, 0.5]
const pValues = fc.array(fc.double({ noNaN: true, min: 0, max: 1 }), { minLength: 1 })

test('Holm agrees with R', () => {
  // R 4: p.adjust(c(.01,.04,.03,.005,.5), "holm"): 0.040 0.090 0.090 0.025 0.500
  expect(rounded(holm(raw))).toEqual([0.04, 0.09, 0.09, 0.025, 0.5])
})

test('Benjamini and Hochberg agree with SciPy', () => {
  // SciPy 1.17.1: stats.false_discovery_control([.01,.04,.03,.005,.5]): .025 .05 .05 .025 .5
  expect(rounded(benjaminiHochberg(raw))).toEqual([0.025, 0.05, 0.05, 0.025, 0.5])
})

test('adjusted is never below raw, Holm never below Benjamini–Hochberg, none above 1', () => {
  fc.assert(
    fc.property(pValues, (values) => {
      const strict = holm(values)
      const loose = benjaminiHochberg(values)
      for (const [at, p] of values.entries()) {
        expect(loose[at]).toBeGreaterThanOrEqual(p)
        expect(strict[at]).toBeGreaterThanOrEqual((loose[at] ?? 0) - 1e-12)
        expect(strict[at]).toBeLessThanOrEqual(1)
      }
    }),
  )
})

test('the order of adjusted values is that of the raw ones', () => {
  fc.assert(
    fc.property(pValues, (values) => {
      const adjusted = holm(values)
      const order = values.map((_, at) => at).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
      const inOrder = order.map((at) => adjusted[at] ?? 0)
      expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b))
    }),
  )
})

function rounded(values: readonly number[]): number[] {
  return values.map((value) => Math.round(value * 1e12) / 1e12)
}
