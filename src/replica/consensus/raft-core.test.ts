import { describe, expect, test } from 'vitest'
import { defaultOptions } from '../../../test/support/core-cluster.ts'
import { InvariantError } from '../../base/assert.ts'
import { prngFromSeed } from '../../base/prng.ts'
import { LogIndex, NodeId, Term } from '../../contract/types.ts'
import type { CoreOptions } from './core.ts'
import type { Heartbeat, RequestVote } from './message.ts'
import { createRaftCore } from './raft-core.ts'

describe('the election timer', () => {
  test('is drawn anew for each campaign, between the shortest and the longest timeout', () => {
    const core = createRaftCore(optionsWith({}))
    const timeouts = new Set<number>()

    for (let campaign = 0, nowNs = 0; campaign < 50; campaign += 1) {
      timeouts.add(core.deadlineNs - nowNs)
      nowNs = core.deadlineNs
      core.step({ kind: 'wake' }, nowNs)
    }

    expect(timeouts.size).toBeGreaterThan(40)
    expect(Math.min(...timeouts)).toBeGreaterThanOrEqual(1e9)
    expect(Math.max(...timeouts)).toBeLessThan(2e9)
  })

  test('starts again when a leader speaks', () => {
    const core = createRaftCore(optionsWith({}))
    const before = core.deadlineNs

    core.step({ kind: 'message', message: heartbeat }, 500e6)

    expect(core.deadlineNs).toBe(before + 500e6)
  })

  test('starts again when a vote is granted, and not when one is refused', () => {
    const core = createRaftCore(optionsWith({}))
    const before = core.deadlineNs

    core.step({ kind: 'message', message: requestVote }, 500e6)
    const afterGrant = core.deadlineNs
    core.step({ kind: 'message', message: { ...requestVote, from: NodeId(3) } }, 700e6)

    expect(afterGrant).toBe(before + 500e6)
    expect(core.deadlineNs).toBe(afterGrant)
  })

  test('does not run on a leader, who wakes for heartbeats', () => {
    const core = createRaftCore(optionsWith({ voters: [NodeId(1)] }))

    core.step({ kind: 'campaign' }, 5e6)

    expect(core.status.role).toBe('leader')
    expect(core.deadlineNs).toBe(105e6)
  })
})

test('the answer to a leader of an older term echoes no round: it may lead the present one', () => {
  const core = createRaftCore(optionsWith({}))
  core.step({ kind: 'message', message: { ...heartbeat, term: Term(3) } }, 0)
  core.step({ kind: 'persisted', id: core.take()?.persist?.id ?? 0 }, 1)

  core.step({ kind: 'message', message: { ...heartbeat, term: Term(1), round: 23 } }, 2)

  expect(core.take()?.send).toEqual([
    expect.objectContaining({ kind: 'HeartbeatResponse', term: 3, round: 0 }),
  ])
})

test('who heard a leader votes for nobody, even in a term that it learnt from others', () => {
  const core = createRaftCore(optionsWith({}))
  core.step({ kind: 'message', message: heartbeat }, 0)
  const echo = { kind: 'HeartbeatResponse', from: NodeId(3), to: NodeId(1), round: 0 } as const
  core.step({ kind: 'message', message: { ...echo, term: Term(2) } }, 1)
  core.step({ kind: 'persisted', id: core.take()?.persist?.id ?? 0 }, 2)

  const request = { ...requestVote, term: Term(2), preVote: false }
  core.step({ kind: 'message', message: request }, 3)

  expect(core.status.term).toBe(2)
  expect(core.take()?.persist).toBeUndefined()
})

describe('what would be a bug somewhere stops the node', () => {
  test('two leaders in a term', () => {
    const core = createRaftCore(optionsWith({ voters: [NodeId(1), NodeId(2)], preVote: false }))
    core.step({ kind: 'campaign' }, 0)
    const granted = { kind: 'RequestVoteResponse', preVote: false, granted: true } as const
    const route = { from: NodeId(2), to: NodeId(1), term: Term(1) }
    core.step({ kind: 'message', message: { ...granted, ...route } }, 0)

    expect(() => core.step({ kind: 'message', message: heartbeat }, 0)).toThrow(
      'two leaders in one term: 2',
    )
  })

  test('a store that lost what was acknowledged', () => {
    const core = createRaftCore(optionsWith({}))
    const message = { ...heartbeat, commitIndex: LogIndex(3) }

    expect(() => core.step({ kind: 'message', message }, 0)).toThrow(
      'node 1 lost entries that it acknowledged: its log ends at 0, the leader knows of 3',
    )
  })

  test('a clock that goes back', () => {
    const core = createRaftCore(optionsWith({}))
    core.step({ kind: 'wake' }, 10)

    expect(() => core.step({ kind: 'wake' }, 9)).toThrow('time went back: 9, not 10')
  })

  test('a message for somebody else', () => {
    const core = createRaftCore(optionsWith({}))
    const message = { ...heartbeat, to: NodeId(3) }

    expect(() => core.step({ kind: 'message', message }, 0)).toThrow(InvariantError)
  })

  test.each([
    ['a node that is no voter', { id: NodeId(9) }],
    ['voters out of order', { voters: [NodeId(2), NodeId(1)] }],
    ['heartbeats that do not outpace elections', { timing: timingWith({ heartbeatNs: 1e9 }) }],
    ['no window', { window: { ...defaultOptions.window, messagesMax: 0 } }],
  ])('%s', (_, options) => {
    expect(() => createRaftCore(optionsWith(options))).toThrow(InvariantError)
  })
})

test('a node that restarts alone in its group need not wait for the lease of another', () => {
  const core = createRaftCore(
    optionsWith({
      voters: [NodeId(1)],
      restored: { ...nothing, hardState: { term: Term(3), votedFor: NodeId(1) } },
    }),
  )

  core.step({ kind: 'campaign' }, 0)

  expect(core.status).toEqual({ term: 4, role: 'leader', leader: 1 })
})

test('rules are named only when they are asked for', () => {
  const quiet = createRaftCore(optionsWith({ trace: false }))
  const traced = createRaftCore(optionsWith({ trace: true }))

  for (const core of [quiet, traced]) core.step({ kind: 'campaign' }, 0)

  expect(quiet.take()?.trace).toEqual([])
  expect(traced.take()?.trace).toEqual(['election/pre-campaigned'])
})

function timingWith(timing: Partial<CoreOptions['timing']>): CoreOptions['timing'] {
  return { ...defaultOptions.timing, ...timing }
}

const nothing: CoreOptions['restored'] = {
  hardState: { term: Term(0), votedFor: undefined },
  terms: [],
  lastIndex: LogIndex(0),
  tail: [],
}

function optionsWith(options: Partial<CoreOptions>): CoreOptions {
  return {
    ...defaultOptions,
    id: NodeId(1),
    voters: [NodeId(1), NodeId(2), NodeId(3)],
    prng: prngFromSeed(1),
    restored: nothing,
    nowNs: 0,
    ...options,
  }
}

const heartbeat: Heartbeat = {
  kind: 'Heartbeat',
  from: NodeId(2),
  to: NodeId(1),
  term: Term(1),
  commitIndex: LogIndex(0),
  round: 1,
}

const requestVote: RequestVote = {
  kind: 'RequestVote',
  from: NodeId(2),
  to: NodeId(1),
  term: Term(1),
  preVote: false,
  lastEntry: { term: Term(0), index: LogIndex(0) },
}
