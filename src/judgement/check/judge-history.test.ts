import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseHistory } from '../history/parse-history.ts'
import { checks } from './findings.ts'
import { judgeHistory } from './judge-history.ts'

const directory = new URL('./testdata/', import.meta.url)
const examples = readdirSync(directory).map((file) => file.replace('.ndjson', ''))
const anomalies = Object.keys(checks).filter(
  (name) => !['recording', 'linearizable'].includes(name),
)

test('every anomaly has an example', () => {
  expect(anomalies.filter((name) => !examples.includes(name))).toEqual([])
})

test.each(anomalies)('the example of "%s" is invalid by that check', (name) => {
  const judgement = judge(name)

  const own = judgement.checks.find((result) => result.check === name)
  expect(own).toMatchObject({ verdict: 'invalid' })
  expect(own?.explanation).toMatch(/^partition 0: /)
  expect(judgement.verdict).toBe('invalid')
})

// The first of several findings must not hide that the others are separate checks.
test.each([
  ['hw-regression', ['hw-regression']],
  ['session', ['session']],
  ['lost', ['lost', 'linearizable']],
  ['stale', ['stale', 'linearizable']],
  ['gap', ['gap', 'linearizable']],
  ['torn', ['torn', 'linearizable']],
  ['aborted-read', ['aborted-read', 'linearizable']],
])('the example of "%s" breaks nothing else', (name, broken) => {
  const invalid = judge(name).checks.filter((result) => result.verdict === 'invalid')

  expect(invalid.map((result) => result.check)).toEqual(broken)
})

test('a history with an unknown outcome that was seen is valid', () => {
  expect(judge('valid')).toMatchObject({ verdict: 'valid' })
})

test('without a read-back the tail may be lost, so the verdict is unknown', () => {
  const judgement = judge('unknown')

  const undecided = judgement.checks.filter((result) => result.verdict === 'unknown')
  expect(undecided.map((result) => result.check)).toEqual(['lost'])
  expect(judgement.verdict).toBe('unknown')
})

test('the explanation of a stale read names the two operations that contradict', () => {
  const stale = judge('stale').checks.find((result) => result.check === 'stale')

  expect(stale?.explanation).toBe(
    'partition 0: op 2: client 2 read, from offset 2, 0 records, high watermark 2, node 3 ' +
      '(ok, 5–6 ms); yet offset 2 was acknowledged by 4 ms: ' +
      'op 1: client 1 produced [12] at offset 2 (ok, 3–4 ms)',
  )
})

function judge(name: string) {
  return judgeHistory(parseHistory(readFileSync(new URL(`${name}.ndjson`, directory), 'utf8')))
}
