import { expect, test } from 'vitest'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { GroupId, NodeId, Term } from '../../contract/types.ts'
import type { Message } from '../consensus/message.ts'
import { DelayedTransport } from './delayed-transport.ts'

const MS = 1_000_000

const heartbeat = (round: number): Message => ({
  kind: 'HeartbeatResponse',
  from: NodeId(1),
  to: NodeId(2),
  term: Term(1),
  round,
})

function delayed(delayNs: number) {
  const clock = createManualClock()
  const sent: string[] = []
  const transport = new DelayedTransport(
    {
      send: (_, message) => sent.push(`${'round' in message && message.round} at ${clock.nowNs()}`),
      receive: () => undefined,
      close: () => sent.push('closed'),
    },
    { clock, delayNs },
  )
  const send = (round: number) => transport.send(GroupId(0), heartbeat(round))
  return { clock, sent, transport, send }
}

test('each message is under way for the delay, however many are, and their order stays', () => {
  const { clock, sent, send, transport } = delayed(5 * MS)

  send(1)
  clock.advanceTo(2 * MS)
  send(2)
  send(3)
  clock.advanceTo(6 * MS)
  expect(sent).toEqual([`1 at ${5 * MS}`])
  clock.advanceTo(20 * MS)
  send(4)
  clock.advanceTo(40 * MS)

  expect(sent).toEqual([`1 at ${5 * MS}`, `2 at ${7 * MS}`, `3 at ${7 * MS}`, `4 at ${25 * MS}`])
  expect(transport.delayNsP50).toBe(5 * MS)
})

test('what is under way when it closes is lost', () => {
  const { clock, sent, send, transport } = delayed(5 * MS)

  send(1)
  transport.close()
  send(2)
  clock.advanceTo(20 * MS)

  expect(sent).toEqual(['closed'])
})
