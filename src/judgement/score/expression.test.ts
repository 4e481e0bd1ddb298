import { describe, expect, test } from 'vitest'
import { refuseCycles, typeOf, type Vocabulary } from './check-expression.ts'
import { compareVersions, evaluate, type Facts } from './evaluate-expression.ts'
import { namesIn, type Value } from './expression.ts'
import { parseExpression } from './parse-expression.ts'

const place = { file: 'criteria.yaml', line: 7 }
const vocabulary: Vocabulary = new Map([
  ['tests.count', 'number'],
  ['tests.simulation', 'text'],
  ['api.stable', 'boolean'],
  ['version.latest', 'version'],
  ['version.date', 'date'],
])

function answer(text: string, known: Readonly<Record<string, Value>> = {}): Value | undefined {
  const facts: Facts = {
    today: '2026-11-22',
    valueOf: (name) => known[name],
    typeOf: (name) => vocabulary.get(name) ?? 'text',
  }
  const expression = parseExpression(text, place)
  typeOf({ expression, place }, vocabulary)
  return evaluate(expression, facts)
}

describe('evaluation', () => {
  test.each([
    ['1 + 2 * 3 == 7', true],
    ['(1 + 2) * 3 == 7', false],
    ['10 - 2 - 3 == 5', true],
    ['1 / 0 == 1', undefined],
    ['true or false and false', true],
    ['not true or true', true],
    ['not (true or true)', false],
    ["'a' == 'a' and 'a' != 'b'", true],
  ])('%s is %s', (text, expected) => {
    expect(answer(text)).toBe(expected)
  })

  test('unknown spreads only where it decides', () => {
    expect(answer('tests.count > 3')).toBeUndefined()
    expect(answer('tests.count > 3 and false')).toBe(false)
    expect(answer('tests.count > 3 or true')).toBe(true)
    expect(answer('not api.stable')).toBeUndefined()
    expect(answer('known(tests.count)')).toBe(false)
    expect(answer('known(tests.count)', { 'tests.count': 0 })).toBe(true)
  })

  test('versions compare as versions, dates by their age', () => {
    expect(answer("version.latest >= '0.9.0'", { 'version.latest': '0.10.0' })).toBe(true)
    expect(answer("version.latest >= '1.0.0'", { 'version.latest': '1.0.0-rc.1' })).toBe(false)
    expect(answer('ageDays(version.date) == 10', { 'version.date': '2026-11-12' })).toBe(true)
  })

  test('versions order as Semantic Versioning says (§11)', () => {
    const ordered = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      'v1.0.1',
      '1.10',
    ]
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered)
  })
})

describe('what is refused, with file and line', () => {
  test.each([
    ['tests.cuont > 1', 'tests.cuont is no claim; is tests.count meant?'],
    ['api.stable > 1', 'a boolean cannot be compared with a number.'],
    ["tests.simulation < 'b'", '“<” does not order a text.'],
    ['tests.count and true', '“and” wants a boolean, not a number.'],
    ['ageDays(tests.count) > 1', 'ageDays wants a date; tests.count is a number.'],
  ])('%s', (text, message) => {
    expect(() => answer(text)).toThrow(expect.objectContaining({ message, place }))
  })

  test.each([
    ['tests.count >', 'something is missing at the end, at character 14'],
    ['(true', '“)” is missing, at character 6'],
    ['true true', '“true” is not expected there, at character 6'],
    ['system(1)', 'there is no function “system”, at character 8'],
    ['true; true', '“; true” cannot be read'],
  ])('%s', (text, what) => {
    const message = `The expression “${text}” is wrong: ${what}.`
    expect(() => answer(text)).toThrow(expect.objectContaining({ message, place }))
  })

  test('a circle of definitions, with the way around', () => {
    const definition = (text: string) => ({ expression: parseExpression(text, place), place })
    const definitions = new Map([
      ['a', definition('b or api.stable')],
      ['b', definition('not c')],
      ['c', definition('a and true')],
    ])
    expect(() => refuseCycles(definitions)).toThrow('a → b → c → a')
  })
})

test('the names of an expression come once each', () => {
  expect(namesIn(parseExpression('a.b > 1 and (known(c) or a.b < 9)', place))).toEqual(['a.b', 'c'])
})
