import { expect, test } from 'vitest'
import { parseHistory } from './parse-history.ts'

const run =
  '{"t":"run","v":1,"subject":"a","clock":"virtual","guarantees":{"idempotent":true,"ordered":true}}'
const produce = '{"t":"inv","i":0,"c":1,"ts":5,"p":0,"f":"produce","vals":[7]}'

test('columns hold what the lines say', () => {
  const text = [
    run,
    produce,
    '{"t":"ret","i":0,"ts":9,"r":"ok","base":0}',
    '{"t":"end","ts":9,"ops":1}',
  ]

  const history = parseHistory(text.join('\n'))

  expect(history.complete).toBe(true)
  expect(history.partitions[0]).toMatchObject({
    ids: [0],
    invokedNs: [5],
    returnedNs: [9],
    offsets: [0],
    values: [7],
  })
})

test('an operation without an answer stays open for ever', () => {
  const history = parseHistory([run, produce].join('\n'))

  expect(history.partitions[0]?.returnedNs).toEqual([Number.POSITIVE_INFINITY])
  expect(history.complete).toBe(false)
})

test.each([
  ['a broken line', [run, '{"t":'], 2, /no JSON object/],
  ['no object', [run, '[]'], 2, /one JSON object/],
  ['an unknown version', [run.replace('"v":1', '"v":2')], 1, /version 2 is unknown/],
  ['an unknown kind', [run, '{"t":"poll"}'], 2, /"t" is "poll"/],
  ['an unknown operation', [run, produce.replace('produce', 'send')], 2, /"f" must be/],
  ['a missing field', [run, produce.replace('"ts":5,', '')], 2, /"ts" must be/],
  ['a misspelt field', [run, produce.replace('}', ',"ack":"leader"}')], 2, /"ack" is no field/],
  ['a negative time', [run, produce.replace('"ts":5', '"ts":-5')], 2, /"ts" must be .* not -5/],
  [
    'an impossible time',
    [run, produce, '{"t":"ret","i":0,"ts":4,"r":"fail"}'],
    3,
    /before it began/,
  ],
  ['an id used twice', [run, produce, produce], 3, /operation 0 was already invoked/],
  [
    'a value used twice',
    [run, produce, produce.replace('"i":0', '"i":1')],
    3,
    /value 7 was already/,
  ],
  ['an answer to nothing', [run, '{"t":"ret","i":3,"ts":4,"r":"fail"}'], 2, /never invoked/],
  ['no first line', [produce], 1, /first line must be/],
  ['an ok without offset', [run, produce, '{"t":"ret","i":0,"ts":9,"r":"ok"}'], 3, /no "base"/],
  ['a wrong count', [run, produce, '{"t":"end","ts":9,"ops":2}'], 3, /counts 2 operations, but 1/],
  [
    'two answers',
    [run, produce, '{"t":"ret","i":0,"ts":9,"r":"fail"}', '{"t":"ret","i":0,"ts":9,"r":"fail"}'],
    4,
    /returns a second time/,
  ],
])('%s is refused with its line', (_, lines, line, reason) => {
  expect(() => parseHistory(lines.join('\n'))).toThrow(
    expect.objectContaining({
      code: 'history-invalid',
      message: expect.stringMatching(reason),
      place: { file: 'history', line },
    }),
  )
})
