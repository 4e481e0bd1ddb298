import { assert } from '../../base/assert.ts'
import type { LogIndex, Term } from '../../contract/types.ts'
import type { State } from './state.ts'

/**
 * What holds after every step, whatever the network and the disk do; cheap enough to be checked
 * always. That nothing committed is truncated is asserted where it would happen, and so is that two
 * leaders of one term never meet.
 */
export function assertInvariants(
  state: State,
  before: { term: Term; commitIndex: LogIndex },
): void {
  const { term, commitIndex, appliedIndex, log, writes } = state
  const { lastIndex } = log
  assert(term >= before.term, 'the term fell')
  assert(commitIndex >= before.commitIndex, 'the commit index fell')
  assert(appliedIndex <= commitIndex, 'something was applied that is not committed')
  assert(commitIndex <= lastIndex, 'something is committed that is not in the log')
  assert(writes.durableIndex <= lastIndex, 'something is durable that is not in the log')
  before.term = term
  before.commitIndex = commitIndex
}
