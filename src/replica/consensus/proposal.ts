import type { LogIndex } from '../../contract/types.ts'
import type { Accepted, Refusal, Token } from './effects.ts'
import { ENTRY_OVERHEAD_BYTES } from './raft-log.ts'
import { hit, type State } from './state.ts'

/** Appends one entry on a leader; it is written and sent with all others of the same take. */
export function propose(state: State, token: Token, payload: Uint8Array): void {
  if (state.role !== 'leader') {
    refuse(state, token, state.leader === undefined ? 'no-leader' : 'not-leader')
    return
  }
  const bytes = payload.length + ENTRY_OVERHEAD_BYTES
  const uncommittedBytes = state.uncommittedBytes + bytes
  // One entry is always taken, or one that is larger than the limit never would be.
  if (uncommittedBytes > state.uncommittedBytesMax && state.uncommittedBytes > 0) {
    refuse(state, token, 'overloaded')
    return
  }
  const { term, log } = state
  const index = (log.lastIndex + 1) as LogIndex
  log.append({ term, index, kind: 'records', payload })
  state.uncommittedBytes = uncommittedBytes
  openBatch(state, index).push(token)
}

export function refuse(state: State, token: Token, reason: Refusal): void {
  hit(state, 'proposal/refused')
  state.refused.push({ token, reason })
}

/** The tokens of this take's consecutive entries of this term, to which `index` is the next. */
function openBatch(state: State, index: LogIndex): Token[] {
  const { accepted, term } = state
  const last = accepted[accepted.length - 1]
  if (last !== undefined && last.term === term && last.firstIndex + last.tokens.length === index) {
    return last.tokens as Token[]
  }
  const tokens: Token[] = []
  const batch: Accepted = { firstIndex: index, term, tokens }
  accepted.push(batch)
  state.proposals.push(batch)
  return tokens
}
