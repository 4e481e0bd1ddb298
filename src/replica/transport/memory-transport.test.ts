import { expect, test } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import { GroupId, NodeId, Term } from '../../contract/types.ts'
import type { Message } from '../consensus/message.ts'
import { MemoryNetwork } from './memory-transport.ts'

const heartbeat = (from: number, to: number, round: number): Message => ({
  kind: 'HeartbeatResponse',
  from: NodeId(from),
  to: NodeId(to),
  term: Term(1),
  round,
})

/** A clock that defers until told to go on. */
function manualClock(): { readonly clock: Clock; readonly run: () => void } {
  const tasks: (() => void)[] = []
  const clock: Clock = {
    nowNs: () => 0,
    wakeAt: () => ({ cancel: () => undefined }),
    defer: (task) => {
      tasks.push(task)
    },
  }
  return {
    clock,
    run: () => {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task()
    },
  }
}

test('messages arrive by reference, in order, and never from within send', () => {
  const { clock, run } = manualClock()
  const network = new MemoryNetwork(clock)
  const [one, two] = [network.connect(NodeId(1)), network.connect(NodeId(2))]
  const seen: Message[] = []
  two.receive((group, message) => {
    expect(group).toBe(7)
    seen.push(message)
    if (message.kind === 'HeartbeatResponse' && message.round === 1) {
      two.send(GroupId(7), heartbeat(2, 2, 9))
    }
  })
  const sent = [heartbeat(1, 2, 1), heartbeat(1, 2, 2)]

  for (const message of sent) one.send(GroupId(7), message)

  expect(seen).toEqual([])
  run()
  expect(seen[0]).toBe(sent[0])
  expect(seen.map((message) => 'round' in message && message.round)).toEqual([1, 2, 9])
})

test('what is sent before somebody receives waits; what is sent to nobody or to a closed node is lost', () => {
  const { clock, run } = manualClock()
  const network = new MemoryNetwork(clock)
  const [one, two] = [network.connect(NodeId(1)), network.connect(NodeId(2))]
  const rounds: number[] = []

  one.send(GroupId(0), heartbeat(1, 3, 1))
  one.send(GroupId(0), heartbeat(1, 2, 2))
  run()
  two.receive((_, message) => rounds.push('round' in message ? message.round : -1))
  run()
  two.close()
  one.send(GroupId(0), heartbeat(1, 2, 3))
  run()

  expect(rounds).toEqual([2])
})
