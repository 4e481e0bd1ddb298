import { LogIndex, Term } from '../../src/contract/types.ts'
import type { TermStart } from '../../src/replica/consensus/core.ts'
import type { Entry } from '../../src/replica/consensus/message.ts'

/** Entries 1, 2, … of these terms, each with a payload of `bytes`. */
export const entriesOf = (terms: readonly number[], bytes = 0): Entry[] =>
  terms.map((term, at) => ({
    term: Term(term),
    index: LogIndex(at + 1),
    kind: 'records',
    payload: new Uint8Array(bytes),
  }))

export function termStartsOf(entries: readonly Entry[]): TermStart[] {
  const starts: TermStart[] = []
  for (const { term, index } of entries) {
    if (starts[starts.length - 1]?.term !== term) starts.push({ term, firstIndex: index })
  }
  return starts
}
