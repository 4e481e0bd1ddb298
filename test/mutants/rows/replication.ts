import type { Row } from '../row.ts'

const family = 'replication'
const LOG_CHECKS = [
  'log-matching',
  'ack-not-matching',
  'state-machine-safety',
  'truncated-commit',
  'leader-completeness',
  'assertion',
]

export const replication: readonly Row[] = [
  {
    number: 23,
    name: 'an entry of an older term is committed by counting (Figure 8)',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/commit.ts',
        find: 'if (log.termAt(index) !== state.term) {',
        replace: 'if (log.termAt(index) > state.term) {',
      },
    ],
    checks: ['commit-old-term', 'leader-completeness', 'state-machine-safety', 'truncated-commit'],
  },
  {
    number: 24,
    name: 'a new leader appends no no-op',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/election.ts',
        find: "  log.append({ term, index: state.ownTermFirstIndex, kind: 'noop', payload: NO_PAYLOAD })\n",
        replace: '',
      },
    ],
    checks: ['liveness', 'convergence'],
  },
  {
    number: 25,
    name: 'the entry before an append need not match, only be there',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/append.ts',
        find: 'if (!state.log.has(previous.term, previous.index)) {',
        replace: 'if (previous.index > state.log.lastIndex) {',
      },
    ],
    checks: LOG_CHECKS,
  },
  {
    number: 26,
    name: 'every append cuts the log behind the entry before it',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/append.ts',
        find: '    while (at < entries.length && log.has((entries[at] as Entry).term, indexOf(entries, at)))\n      at += 1\n',
        replace: '',
      },
    ],
    checks: LOG_CHECKS,
  },
  {
    number: 27,
    name: 'a conflicting suffix stays',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/append.ts',
        find: 'log.has((entries[at] as Entry).term, indexOf(entries, at))',
        replace: 'indexOf(entries, at) <= log.lastIndex',
      },
    ],
    checks: LOG_CHECKS,
  },
  {
    number: 28,
    name: 'a conflicting entry is overwritten, and what stood behind it stays',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/append.ts',
        find: '    if (at < entries.length) truncateFrom(state, indexOf(entries, at))\n',
        replace:
          '    const tail = at < entries.length ? log.slice(Math.min(indexOf(entries, entries.length - 1), log.lastIndex) + 1, log.lastIndex + 1) : []\n' +
          '    if (at < entries.length) truncateFrom(state, indexOf(entries, at))\n' +
          '    for (; at < entries.length; at += 1) log.append(entries[at] as Entry)\n' +
          '    for (const entry of tail) log.append(entry)\n',
      },
    ],
    checks: LOG_CHECKS,
  },
  {
    number: 29,
    name: 'what is committed is truncated without a word',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/append.ts',
        find: 'assert(index > state.commitIndex, ',
        replace: 'assert(index > 0, ',
      },
      {
        file: 'consensus/append.ts',
        find: '    while (at < entries.length && log.has((entries[at] as Entry).term, indexOf(entries, at)))\n      at += 1\n',
        replace: '',
      },
    ],
    mask: 'nothing correct truncates that far: row 26 comes with it',
    checks: LOG_CHECKS,
  },
  {
    number: 30,
    name: 'a follower commits what the leader has, held here or not',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/append.ts',
        find: 'commitThrough(state, append.commitIndex < lastNewIndex ? append.commitIndex : lastNewIndex)',
        replace: 'commitThrough(state, append.commitIndex)',
      },
    ],
    checks: LOG_CHECKS,
  },
  {
    number: 31,
    name: 'a follower commits what a heartbeat names, up to its own last entry',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/heartbeat.ts',
        find: 'commitThrough(state, heartbeat.commitIndex)',
        replace:
          'commitThrough(state, Math.min(heartbeat.commitIndex, state.log.lastIndex) as never)',
      },
      {
        file: 'consensus/heartbeat.ts',
        find: 'commitIndex: matchIndex < commitIndex ? matchIndex : commitIndex,',
        replace: 'commitIndex: matchIndex < 0 ? matchIndex : commitIndex,',
      },
      {
        file: 'consensus/heartbeat.ts',
        find: 'heartbeat.commitIndex <= state.log.lastIndex,',
        replace: 'heartbeat.commitIndex >= 0,',
      },
    ],
    mask: 'leaders name in heartbeats only what the follower is known to hold',
    checks: [...LOG_CHECKS, 'told-unheld'],
  },
  {
    number: 32,
    name: 'an append that is refused still moves the commit index',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/append.ts',
        find: "    hit(state, 'append/refused-mismatch')\n",
        replace:
          '    commitThrough(state, append.commitIndex < state.log.lastIndex ? append.commitIndex : state.log.lastIndex)\n',
      },
    ],
    checks: LOG_CHECKS,
  },
  {
    number: 33,
    name: 'a follower accepts up to its own last entry',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/append.ts',
        find: 'acceptAppend(state, append.from, previous.index, lastNewIndex)',
        replace: 'acceptAppend(state, append.from, previous.index, state.log.lastIndex)',
      },
    ],
    checks: [...LOG_CHECKS, 'commit-not-durable'],
    scenarios: ['stragglers', 'leader-disk-serial'],
  },
  {
    number: 34,
    name: 'the match index falls on an acceptance that comes late',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/replication.ts',
        find: '  if (matchIndex < progress.matchIndex) {\n',
        replace:
          '  if (matchIndex < progress.matchIndex) {\n    progress.matchIndex = matchIndex\n',
      },
    ],
    checks: ['told-commit-regress', 'convergence', 'liveness', 'assertion'],
  },
  {
    number: 35,
    name: 'the commit index falls with a message that comes late',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/commit.ts',
        find: 'if (index > state.commitIndex) state.commitIndex = index',
        replace: 'state.commitIndex = index',
      },
    ],
    checks: ['commit-regress', 'assertion'],
  },
  {
    number: 36,
    name: 'an append of an older term is taken',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/receive.ts',
        find: '} else if (message.term < state.term) {',
        replace: "} else if (message.term < state.term && message.kind !== 'AppendEntries') {",
      },
    ],
    checks: LOG_CHECKS,
  },
  {
    number: 37,
    name: 'an acceptance of an older term counts',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/receive.ts',
        find: '} else if (message.term < state.term) {',
        replace:
          "} else if (message.term < state.term && message.kind !== 'AppendEntriesResponse') {",
      },
    ],
    checks: [...LOG_CHECKS, 'commit-not-durable', 'ack-of-another-term', 'told-unheld'],
    scenarios: ['elections'],
  },
  {
    number: 38,
    name: 'what the members have reached is not sorted',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/quorum.ts',
        find: 'while (at > 0 && (values[at - 1] as number) < value) {',
        replace: 'while (at > values.length && (values[at - 1] as number) < value) {',
      },
    ],
    checks: ['commit-not-durable', ...LOG_CHECKS],
  },
  {
    number: 39,
    name: 'a refusal does not move the next index back',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/replication.ts',
        find: 'becomeProbe(progress, nextIndex as LogIndex)',
        replace: 'becomeProbe(progress, progress.nextIndex)',
      },
    ],
    checks: ['convergence', 'liveness'],
  },
  {
    number: 40,
    name: 'one follower that does not answer keeps appends from those behind it',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/send-appends.ts',
        find: '  for (const progress of state.followers) {\n',
        replace:
          "  for (const progress of state.followers) {\n    if (progress.state === 'probe' && progress.probeSent) break\n",
      },
    ],
    checks: ['liveness', 'convergence'],
  },
  {
    number: 41,
    name: 'the leader counts itself before its own sync',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/commit.ts',
        find: 'reached[0] = state.writes.durableIndex',
        replace: 'reached[0] = log.lastIndex',
      },
    ],
    checks: ['commit-not-durable', 'lost', 'leader-completeness'],
  },
  {
    number: 42,
    name: 'a group of one commits before it persists',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/proposal.ts',
        find: '  openBatch(state, index).push(token)\n',
        replace:
          '  openBatch(state, index).push(token)\n  if (state.followers.length === 0) state.commitIndex = index\n',
      },
    ],
    checks: ['commit-not-durable', 'lost', 'assertion'],
    scenarios: ['swarm'],
  },
  {
    number: 43,
    name: 'the completion of a write counts for what was cut meanwhile',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/writes.ts',
        find: '      this.#lastIndexes[at] = last\n',
        replace: '',
      },
    ],
    checks: ['assertion', 'commit-not-durable', 'ack-not-durable'],
  },
  {
    number: 44,
    name: 'who waits is matched by index alone',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'engine/pending-operations.ts',
        find: 'if (proposedTerm !== term) {',
        replace: 'if (proposedTerm > term) {',
      },
      {
        file: 'consensus/roles.ts',
        find: '      state.lost.push(tokens[at] as number)\n',
        replace: '',
      },
      {
        file: 'engine/pending-operations.ts',
        find: "assert(this.#waiting.pop() === NOBODY, 'a rewritten suffix was lost before it is rewritten')",
        replace: 'this.#waiting.pop()',
      },
    ],
    mask: 'stepping down already answers who waits, and the rewritten suffix is asserted',
    checks: [
      'inconsistent-offset',
      'lost',
      'session',
      'linearizable',
      'duplicate',
      'torn',
      'reordered',
      'contract',
    ],
    scenarios: ['elections'],
  },
  {
    number: 45,
    name: 'stepping down calls proposals on the way refused for certain',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'engine/engine.ts',
        find: "this.#pending.settle(token, 'LEADERSHIP_LOST', term, leader)",
        replace: "this.#pending.settle(token, 'NOT_LEADER', term, leader)",
      },
    ],
    checks: ['aborted-read', 'duplicate', 'linearizable'],
  },
  {
    number: 46,
    name: 'a leader acknowledges what it has appended',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'engine/engine.ts',
        find: '      this.#pending.accepted(firstIndex, term, tokens)\n',
        replace:
          '      this.#pending.accepted(firstIndex, term, tokens)\n' +
          '      let base: number = this.#log.highWatermark\n' +
          '      for (let at = this.#appliedIndex + 1; at < firstIndex + tokens.length; at += 1) {\n' +
          '        const [entry] = this.#core.entries(LogIndex(at), LogIndex(at + 1)) ?? []\n' +
          "        if (entry?.kind !== 'records') continue\n" +
          '        if (at >= firstIndex) this.#pending.applied(entry.index, term, base as never, undefined)\n' +
          '        base += int32At(entry.payload, batchLayout.recordCount)\n' +
          '      }\n',
      },
      {
        file: 'engine/engine.ts',
        find: "import { createRaftCore } from '../consensus/raft-core.ts'",
        replace:
          "import { batchLayout, int32At } from '../../contract/record-batch.ts'\n" +
          "import { createRaftCore } from '../consensus/raft-core.ts'",
      },
    ],
    checks: ['lost', 'inconsistent-offset', 'linearizable', 'stale', 'session', 'duplicate'],
  },
  {
    number: 47,
    name: 'proposals share one buffer',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'engine/proposals.ts',
        find: '    this.#payloads.push(payload)\n',
        replace:
          '    this.#shared.set(payload)\n    this.#payloads.push(this.#shared.subarray(0, payload.length))\n',
      },
      {
        file: 'engine/proposals.ts',
        find: '  #lingered = false\n\n',
        replace: '  #lingered = false\n  readonly #shared = new Uint8Array(1 << 16)\n\n',
      },
    ],
    checks: ['store-recovery', 'phantom', 'log-matching', 'state-machine-safety', 'assertion'],
  },
]
