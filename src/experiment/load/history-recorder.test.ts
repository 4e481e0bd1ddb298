import { expect, test } from 'vitest'
import { startLoad } from '../../../test/support/load-under-test.ts'
import { judgeHistory } from '../../judgement/check/judge-history.ts'
import { parseHistory } from '../../judgement/history/parse-history.ts'

const shape = { history: true, partitions: 2, producers: 3, recordsPerBatch: 2 }

function judged(load: ReturnType<typeof startLoad>) {
  load.finish()
  const history = parseHistory(load.history())
  return { history, judgement: judgeHistory(history) }
}

test('the history of an honest log is complete, and the checker calls it valid', () => {
  const load = startLoad(shape)
  const { history, judgement } = judged(load)

  expect(history.complete).toBe(true)
  expect(history.partitions.map(({ partition }) => partition).sort()).toEqual([10, 11])
  expect(history.partitions[0]?.readBacks.length).toBe(3)
  expect(judgement.verdict).toBe('valid')
})

test('what went wrong in the log is in its history', () => {
  const lost = startLoad(shape, { keep: (batch, place) => (place === 600 ? [] : [batch]) })
  expect(judged(lost).judgement.verdict).toBe('invalid')

  const twice = startLoad(shape, {
    keep: (batch, place) => (place === 600 ? [batch, batch] : [batch]),
  })
  expect(judged(twice).judgement.verdict).toBe('invalid')
})

test('refused, indefinite and repeated operations are written as what they are', () => {
  const load = startLoad(shape, {
    answer: (_request, _node, place) => {
      if (place === 600) return { appends: false, reply: { code: 'BATCH_TOO_LARGE' } }
      if (place === 610) return { appends: true, reply: 'silent' }
      if (place === 620) return { appends: true, reply: { code: 'LEADERSHIP_LOST' } }
      return undefined
    },
  })
  const { judgement } = judged(load)

  const lines = load.history().split('\n')
  expect(lines.filter((line) => line.includes('"r":"fail"'))).toHaveLength(1)
  expect(lines.filter((line) => line.includes('"err":"UNANSWERED"'))).toHaveLength(1)
  expect(lines.some((line) => line.includes('"r":"ok","tries":2'))).toBe(true)
  expect(judgement.verdict).toBe('valid')
})
