import { expect, test } from 'vitest'
import type { ProduceResult } from '../../contract/log-client.ts'
import { LogIndex, Offset, Term } from '../../contract/types.ts'
import { PendingOperations } from './pending-operations.ts'

const appliedAt = Offset

test('a proposal is answered by its own entry', () => {
  const { pending, propose, answers } = start()
  const tokens = [propose('a'), propose('b')]
  pending.accepted(LogIndex(5), Term(2), tokens)

  pending.applied(LogIndex(4), Term(1), appliedAt(0), undefined)
  pending.applied(LogIndex(5), Term(2), appliedAt(7), undefined)

  expect(answers).toEqual({ a: { code: 'OK', baseOffset: 7, index: 5, term: 2 } })
  expect(pending.produces).toBe(1)
})

test('another leader’s entry at the same index answers nobody', () => {
  const { pending, propose, answers } = start()
  pending.accepted(LogIndex(5), Term(2), [propose('a')])

  pending.applied(LogIndex(5), Term(3), appliedAt(7), undefined)

  expect(answers['a']?.code).toBe('LEADERSHIP_LOST')
})

test('a lost proposal is not answered again when its entry is applied after all', () => {
  const { pending, propose, answers } = start()
  const token = propose('a')
  pending.accepted(LogIndex(5), Term(2), [token])
  pending.settle(token, 'LEADERSHIP_LOST', Term(3), undefined)
  const reused = propose('b')
  expect(reused).toBe(token)

  pending.applied(LogIndex(5), Term(2), appliedAt(7), undefined)

  expect(Object.keys(answers)).toEqual(['a'])
})

test('a proposal that timed out keeps its token until its entry is settled', () => {
  const { pending, propose, answers } = start()
  const token = propose('a', 100)
  pending.accepted(LogIndex(5), Term(2), [token])
  pending.timeOut(99, Term(2), undefined)
  expect(answers['a']).toBeUndefined()

  pending.timeOut(100, Term(2), undefined)

  expect(answers['a']?.code).toBe('TIMED_OUT')
  expect(propose('b')).not.toBe(token)
  pending.applied(LogIndex(5), Term(2), appliedAt(0), undefined)
  expect(propose('c')).toBe(token)
})

test('entries that nobody here proposed may lie between those that somebody did', () => {
  const { pending, propose, answers } = start()
  pending.accepted(LogIndex(2), Term(1), [propose('a')])
  pending.accepted(LogIndex(5), Term(1), [propose('b')])

  for (const index of [2, 3, 4, 5]) {
    pending.applied(LogIndex(index), Term(1), appliedAt(index), undefined)
  }

  expect(answers['a']?.baseOffset).toBe(2)
  expect(answers['b']?.baseOffset).toBe(5)
})

test('many proposals in turn leave nothing behind', () => {
  const { pending, propose, answers } = start()
  for (let index = 1; index <= 5_000; index += 1) {
    pending.accepted(LogIndex(index * 2), Term(1), [propose(`p${index}`)])
    if (index > 10)
      pending.applied(LogIndex((index - 10) * 2), Term(1), appliedAt(index), undefined)
  }

  expect(pending.produces).toBe(10)
  expect(Object.keys(answers).length).toBe(4_990)
})

function start() {
  const pending = new PendingOperations()
  const answers: Record<string, Partial<ProduceResult>> = {}
  const propose = (name: string, deadlineNs = 1e9): number =>
    pending.addProduce(({ code, baseOffset, index, term }) => {
      expect(answers[name], 'answered twice').toBeUndefined()
      answers[name] = code === 'OK' ? { code, baseOffset, index, term } : { code }
    }, deadlineNs)
  return { pending, answers, propose }
}
