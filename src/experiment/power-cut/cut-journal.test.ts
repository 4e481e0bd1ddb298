import { expect, test } from 'vitest'
import { prngFromSeed } from '../../base/prng.ts'
import { servedCopyOf } from '../../contract/record-batch.ts'
import { LogIndex, Offset, Term } from '../../contract/types.ts'
import { judgeHistory } from '../../judgement/check/judge-history.ts'
import { CutJournal } from './cut-journal.ts'

/** A log of `batches` acknowledged batches of one producer, and its journal. */
function written(batches: number): { journal: CutJournal; served: Uint8Array[] } {
  let nowNs = 0
  const clock = {
    nowNs: () => {
      nowNs += 1
      return nowNs
    },
    wakeAt: () => ({ cancel: () => undefined }),
    defer: () => undefined,
  }
  const journal = new CutJournal({ clock, subject: 'fake', prng: prngFromSeed(1) })
  const served: Uint8Array[] = []
  let end = 0
  for (let nth = 0; nth < batches; nth += 1) {
    const { operation, bytes } = journal.nextBatch(1)
    const base = Offset(end)
    served.push(servedCopyOf(bytes, base, Term(3)))
    end += new DataView(bytes.buffer, bytes.byteOffset).getInt32(57)
    const place = { term: Term(3), index: LogIndex(nth + 1), leader: undefined }
    journal.acknowledge(operation, { code: 'OK', baseOffset: base, ...place }, 1, 1)
  }
  return { journal, served }
}

test('what is served as it was acknowledged is not lost, and the history is valid', () => {
  const { journal, served } = written(20)

  expect(journal.acked).toBe(20)
  expect(journal.lostIn(served, 20)).toBe(0)
  journal.readBack(1, served)
  expect(judgeHistory(journal.finish()).verdict).toBe('valid')
})

test('a batch that is missing, changed or in another place is lost', () => {
  const { journal, served } = written(20)
  const changed = served.map((bytes) => Uint8Array.from(bytes))
  const last = changed[19] as Uint8Array
  last[last.length - 1] = (last[last.length - 1] as number) ^ 1

  expect(journal.lostIn(served.slice(0, 15), 20)).toBe(5)
  expect(journal.lostIn(served.slice(0, 15), 15)).toBe(0)
  expect(journal.lostIn(served.toSpliced(7, 1), 20)).toBe(1)
  expect(journal.lostIn(changed, 20)).toBe(1)
  expect(journal.lostIn([], 20)).toBe(20)
})

test('a cut tail and a changed batch make the history invalid', () => {
  const { journal, served } = written(20)

  journal.readBack(1, served.slice(0, 15))

  const { checks } = judgeHistory(journal.finish())
  expect(checks.find(({ check }) => check === 'lost')?.verdict).toBe('invalid')
})
