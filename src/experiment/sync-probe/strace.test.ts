import { expect, test } from 'vitest'
import { syncTimes } from './strace.ts'

test('each sync is counted once, when it began', () => {
  const text = [
    '4242 1700000000.000100 fdatasync(21) = 0',
    '4243 1700000000.500000 fdatasync(22 <unfinished ...>',
    '4242 1700000000.500100 fsync(23) = 0',
    '4243 1700000000.600000 <... fdatasync resumed>) = 0',
    '4242 1700000001.000000 +++ exited with 0 +++',
    '',
  ].join('\n')

  const times = syncTimes(text).map(Math.round)
  expect(times).toEqual([1_700_000_000_000, 1_700_000_000_500, 1_700_000_000_500])
})
