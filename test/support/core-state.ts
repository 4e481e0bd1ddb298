import { prngFromSeed } from '../../src/base/prng.ts'
import { LogIndex, NodeId, Term } from '../../src/contract/types.ts'
import { createState, type State } from '../../src/replica/consensus/state.ts'
import { defaultOptions } from './core-cluster.ts'
import { entriesOf, termStartsOf } from './core-entries.ts'

/** The state of node 1 of `voters` nodes, with a durable log of entries of `terms`. */
export function stateWith(voters: number, terms: readonly number[], bytes = 0): State {
  const entries = entriesOf(terms, bytes)
  return createState({
    ...defaultOptions,
    id: NodeId(1),
    voters: Array.from({ length: voters }, (_, at) => NodeId(at + 1)),
    prng: prngFromSeed(1),
    restored: {
      hardState: { term: Term(terms[terms.length - 1] ?? 0), votedFor: undefined },
      terms: termStartsOf(entries),
      lastIndex: LogIndex(entries.length),
      tail: entries,
    },
    nowNs: 0,
  })
}
