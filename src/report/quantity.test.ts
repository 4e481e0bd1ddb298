import { expect, test } from 'vitest'
import { durationText, quantileText, quantity } from './quantity.ts'

test.each([
  [0.1234, '0.12'],
  [12.345, '12.3'],
  [123.45, '123'],
  [1234.5, '1,235'],
  [1234567, '1,234,567'],
])('%d is shown with three digits as %s', (value, text) => {
  expect(quantity(value)).toBe(text)
})

test('a quantile without enough samples says how many it needs', () => {
  expect(quantileText(null, 0.999)).toBe('n/a (needs 10,000)')
  expect(quantileText(2.5, 0.999)).toBe('2.50')
})

test.each([
  [9.6, '10 s'],
  [185, '3 min 05 s'],
  [7_260, '2 h 01 min'],
])('%d s reads %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text)
})
