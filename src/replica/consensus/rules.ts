/**
 * Every rule of the protocol that decides something, with where it comes from. A core that is made
 * with `trace: true` names in `Effects.trace` the rules that acted; golden files print them, and a
 * test fails when no golden file hits a rule. `thesis` is Ongaro's dissertation of 2014.
 */
export const rules = {
  'term/adopted-newer': 'Raft §5.1: a newer term makes anybody a follower',
  'term/told-older-sender': 'Raft §5.1; etcd#8334: a stale sender is told the term, or it stalls',
  'term/ignored-old-response': 'Raft §5.1: an answer counts in the term of its question alone',
  'election/pre-campaigned': 'thesis §9.6: ask first, without raising the term',
  'election/campaigned': 'Raft §5.2: raise the term, vote for oneself, ask the others',
  'election/won': 'Raft §5.2: votes of a majority, each voter counted once',
  'election/ignored-live-leader': 'thesis §6.4.1: a lease outlives a campaign that is ordered',
  'vote/ignored-late-grant': 'Raft §5.2: a vote counts in the election that it was asked for',
  'vote/granted': 'Raft §5.2: one vote a term, durable before it is answered',
  'vote/refused-already-voted': 'Raft §5.2: one vote a term',
  'vote/refused-log-behind': 'Raft §5.4.1: the candidate’s log must be up to date',
  'vote/ignored-live-leader': 'thesis §4.2.3, §6.4.1: who hears a leader elects no other',
  'pre-vote/granted': 'thesis §9.6: changes neither term nor vote',
  'pre-vote/refused': 'thesis §9.6: a real vote would be refused',
  'check-quorum/stepped-down': 'thesis §6.2: a leader that hears no majority leads nobody',
  'append/refused-mismatch': 'Raft §5.3: the entry before must match',
  'append/skipped-held': 'Raft §5.3: a delayed append truncates nothing that matches',
  'append/truncated-conflict': 'Raft §5.3: the first conflicting entry and all behind it go',
  'commit/follower-by-new-entries': 'Raft Fig. 2: min(leaderCommit, last new entry)',
  'commit/by-quorum': 'Raft §5.3: durable on a majority',
  'commit/only-own-term': 'Raft §5.4.2, Fig. 8: no older term is committed by counting',
  'replication/became-replicate': 'etcd/raft progress: once a probe matches, appends are pipelined',
  'replication/backed-off': 'Raft §5.3: one refusal passes a whole term',
  'replication/became-probe': 'etcd/raft progress: a refusal while pipelining means a lost append',
  'replication/ignored-stale-refusal': 'etcd/raft progress: it answers a probe of the past',
  'replication/ignored-stale-acceptance': 'Raft §5.3: matchIndex never falls',
  'replication/retried-probe': 'Raft §5.3: retried for ever, at the pace of heartbeats',
  'replication/asked-again': 'etcd/raft MsgHeartbeatResp: all appends in flight may be lost',
  'replication/window-full': 'thesis §10.2.1: the pipeline is bounded in messages and bytes',
  'replication/loaded': 'Effects.load: what memory has dropped comes from the store',
  'replication/ignored-stale-load': 'Effects.load: what was loaded is wanted no more',
  'disk/leader-sends-durable-only': 'thesis §10.2.1, the other way round: axis C, serial',
  'disk/ignored-rewritten': 'etcd/raft ABA: a write’s completion speaks of what is left of it',
  'proposal/refused': 'src/contract: definite, it was never in a log',
  'proposal/lost': 'src/contract: indefinite, a later leader may keep the entry or drop it',
  'read/refused-before-own-commit': 'thesis §6.4: a leader must first commit in its own term',
  'read/waits-for-round': 'thesis §6.4: a round of heartbeats that starts after the read',
  'read/confirmed': 'thesis §6.4: a majority still followed after the read began',
  'read/within-lease': 'thesis §6.4.1: no other leader can exist yet',
  'read/refused-without-lease': 'thesis §6.4.1: the lease has ended; ask for a quorum read',
} as const

export type RuleId = keyof typeof rules
