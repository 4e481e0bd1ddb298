import type { Row } from '../row.ts'

const family = 'election'

export const election: readonly Row[] = [
  {
    number: 1,
    name: 'a vote is granted whatever the candidate’s log holds',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/vote.ts',
        find: 'candidate.term > voter.term || (candidate.term === voter.term && candidate.index >= voter.index)',
        replace: 'candidate.index >= 0 || voter.index >= 0',
      },
    ],
    checks: ['leader-completeness', 'truncated-commit', 'state-machine-safety', 'assertion'],
  },
  {
    number: 2,
    name: 'logs are compared by their last index alone',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/vote.ts',
        find: 'candidate.term > voter.term || (candidate.term === voter.term && candidate.index >= voter.index)',
        replace: 'candidate.index >= voter.index',
      },
    ],
    checks: ['leader-completeness', 'truncated-commit', 'state-machine-safety', 'assertion'],
    scenarios: ['elections'],
  },
  {
    number: 3,
    name: 'a candidate must lead in last term and in last index',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/vote.ts',
        find: 'candidate.term > voter.term || (candidate.term === voter.term && candidate.index >= voter.index)',
        replace: 'candidate.term >= voter.term && candidate.index >= voter.index',
      },
    ],
    checks: ['liveness', 'convergence'],
  },
  {
    number: 4,
    name: 'a node votes twice in a term',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/vote.ts',
        find: 'const mayVote = state.votedFor === undefined || state.votedFor === request.from',
        replace: 'const mayVote = true',
      },
    ],
    checks: ['vote-twice', 'election-safety', 'assertion'],
    scenarios: ['elections'],
  },
  {
    number: 5,
    name: 'the vote is not persisted',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/take.ts',
        find: '  return state.writtenHardState\n',
        replace: '  return { term, votedFor: undefined }\n',
      },
    ],
    checks: ['vote-not-durable', 'vote-twice', 'election-safety'],
  },
  {
    number: 6,
    name: 'a term without a vote is not persisted',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/take.ts',
        find: 'if (writtenHardState.term === term && writtenHardState.votedFor === votedFor) return undefined',
        replace:
          'if (votedFor === undefined || (writtenHardState.term === term && writtenHardState.votedFor === votedFor)) return undefined',
      },
    ],
    checks: ['term-not-durable', 'commit-regress'],
  },
  {
    number: 7,
    name: 'the vote is forgotten when a node follows within its term',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/roles.ts',
        find: "    changeRole(state, 'follower', leader)\n  }\n  state.leaderHeardUntilNs",
        replace:
          "    changeRole(state, 'follower', leader)\n    state.votedFor = undefined\n  }\n  state.leaderHeardUntilNs",
      },
      {
        file: 'consensus/vote.ts',
        find: 'const free = mayVote && state.leader === undefined\n',
        replace: 'const free = mayVote\n',
      },
    ],
    mask: 'who knows the leader of its term votes for nobody in it',
    checks: ['vote-twice', 'election-safety', 'assertion'],
    scenarios: ['elections'],
  },
  {
    number: 8,
    name: 'votes of an older term are counted',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/receive.ts',
        find: '} else if (message.term < state.term) {',
        replace:
          "} else if (message.term < state.term && message.kind !== 'RequestVoteResponse') {",
      },
      {
        file: 'consensus/election.ts',
        find: 'state.role !== held || term !== askedTerm',
        replace: 'state.role !== held || term > askedTerm',
      },
    ],
    mask: 'answers of an older term are dropped before any rule sees them',
    checks: ['election-safety', 'assertion', 'leader-completeness', 'term-not-durable'],
    scenarios: ['elections'],
  },
  {
    number: 9,
    name: 'a vote that arrives twice counts twice',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/election.ts',
        find: 'if (!state.votes.includes(from)) state.votes.push(from)',
        replace: 'state.votes.push(from)',
      },
    ],
    checks: ['election-safety', 'assertion', 'leader-completeness', 'term-not-durable'],
    scenarios: ['elections'],
  },
  {
    number: 10,
    name: 'votes of the campaign before are kept',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/election.ts',
        find: "changeRole(state, 'candidate', undefined)\n  state.votes = [state.id]",
        replace:
          "changeRole(state, 'candidate', undefined)\n  if (!state.votes.includes(state.id)) state.votes.push(state.id)",
      },
    ],
    checks: ['election-safety', 'assertion', 'term-not-durable', 'leader-completeness'],
  },
  {
    number: 11,
    name: 'a refusal of a higher term raises the candidate’s term and counts as a grant',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/receive.ts',
        find: 'if (!isAboutFutureTerm(message)) adoptFrom(state, message)',
        replace:
          "if (message.kind === 'RequestVoteResponse' && state.role === 'candidate') {\n" +
          '      state.term = message.term\n' +
          '      countVote(state, { ...message, preVote: false, granted: true })\n' +
          '      return\n' +
          '    }\n' +
          '    if (!isAboutFutureTerm(message)) adoptFrom(state, message)',
      },
    ],
    checks: ['election-safety', 'assertion', 'term-not-durable', 'leader-completeness'],
    scenarios: ['elections'],
  },
  {
    number: 12,
    name: 'a majority is half, rounded down',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/quorum.ts',
        find: 'Math.floor(voterCount / 2) + 1',
        replace: 'Math.max(1, Math.floor(voterCount / 2))',
      },
    ],
    checks: ['commit-not-durable', 'election-safety', 'assertion', 'term-not-durable'],
  },
  {
    number: 13,
    name: 'a pre-vote that comes late counts as a vote',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/election.ts',
        find: "const held = preVote ? 'preCandidate' : 'candidate'",
        replace: "const held = state.role === 'candidate' ? 'candidate' : 'preCandidate'",
      },
      {
        file: 'consensus/election.ts',
        find: 'const askedTerm = preVote ? state.term + 1 : state.term',
        replace: "const askedTerm = held === 'preCandidate' ? state.term + 1 : state.term",
      },
      {
        file: 'consensus/election.ts',
        find: '  if (preVote) {\n',
        replace: "  if (held === 'preCandidate') {\n",
      },
    ],
    checks: ['election-safety', 'term-not-durable', 'assertion', 'leader-completeness'],
    scenarios: ['elections'],
  },
  {
    number: 14,
    name: 'a node that hears its leader votes for another',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/vote.ts',
        find: 'hearsLeader(state) && (request.preVote || state.checkQuorum)',
        replace: 'request.from === state.id',
      },
    ],
    mask: 'real votes are passed over as pre-votes are, so both are let through',
    checks: ['stale', 'linearizable', 'stability', 'leader-disturbed', 'live-leader'],
    scenarios: ['leases'],
  },
  {
    number: 15,
    name: 'a sender of an older term is not told of the newer one',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/receive.ts',
        find: '    tellOlderSender(state, message)\n    return\n',
        replace: '    if (state.term < 0) tellOlderSender(state, message)\n    return\n',
      },
    ],
    checks: ['liveness', 'convergence'],
  },
  {
    number: 16,
    name: 'all nodes have the same election timeout',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/roles.ts',
        find: 'state.electionTimeoutNs = electionNsMin + spreadNs',
        replace: 'state.electionTimeoutNs = electionNsMin + 0 * spreadNs',
      },
    ],
    checks: ['liveness', 'convergence'],
    scenarios: ['like-openraft-0.9'],
  },
  {
    number: 17,
    name: 'any request for a vote restarts the election timer',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/receive.ts',
        find: "    case 'RequestVote':\n      // Also in its own term, which it may have learnt from others than the candidate.\n",
        replace:
          "    case 'RequestVote':\n      state.electionDeadlineNs = state.nowNs + state.electionTimeoutNs\n",
      },
    ],
    checks: ['liveness', 'convergence'],
    scenarios: ['stragglers'],
  },
  {
    number: 18,
    name: 'hearing the leader does not restart the election timer',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/roles.ts',
        find: '  state.leaderHeardUntilNs = state.nowNs + state.timing.electionNsMin\n  restartElectionTimer(state)\n',
        replace: '  state.leaderHeardUntilNs = state.nowNs + state.timing.electionNsMin\n',
      },
    ],
    checks: ['stability', 'liveness', 'convergence'],
    scenarios: ['bare-elections'],
  },
  {
    number: 19,
    name: 'a leader that hears no majority goes on leading',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/heartbeat.ts',
        find: 'if (state.checkQuorum && !isHeardByMajority(state)) {',
        replace: 'if (state.round < 0 && !isHeardByMajority(state)) {',
      },
    ],
    checks: ['check-quorum', 'liveness', 'convergence'],
    scenarios: ['stragglers'],
  },
  {
    number: 20,
    name: 'a leader does not heed a higher term',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/receive.ts',
        find: '  if (message.term > state.term) {\n',
        replace:
          "  if (message.term > state.term && state.role === 'leader') return\n  if (message.term > state.term) {\n",
      },
      {
        file: 'consensus/heartbeat.ts',
        find: 'if (state.checkQuorum && !isHeardByMajority(state)) {',
        replace: 'if (state.round < 0 && !isHeardByMajority(state)) {',
      },
    ],
    mask: 'a leader without a majority steps down by itself',
    checks: ['convergence', 'liveness', 'stale', 'linearizable'],
  },
  {
    number: 21,
    name: 'a wiped node comes back under its old id and votes',
    family,
    kind: 'not-yet-possible',
    why: 'no rule of ours keeps a wiped node from voting: replacing one needs membership changes',
  },
  {
    number: 22,
    name: 'the directory of another node or group is taken',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'store/wal/recovery.ts',
        find: 'if (header.node !== options.node || header.group !== options.group) {',
        replace: 'if (header.version !== FORMAT_VERSION) {',
      },
    ],
    checks: ['foreign-store'],
  },
]
