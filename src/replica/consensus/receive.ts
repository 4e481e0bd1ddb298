import { assert, unreachable } from '../../base/assert.ts'
import { LogIndex, Term } from '../../contract/types.ts'
import { answerAppendEntries, refuseAppend } from './append.ts'
import { countVote } from './election.ts'
import { answerHeartbeat, countEcho, tellTerm } from './heartbeat.ts'
import type { Message } from './message.ts'
import type { Progress } from './progress.ts'
import { countAppendResponse } from './replication.ts'
import { becomeFollower } from './roles.ts'
import { hit, progressOf, type State } from './state.ts'
import { answerPreVote, answerRequestVote, isPassedOver, respond } from './vote.ts'

/** What a refusal says to a sender of an older term: only the term matters. */
const NOTHING_AGREED = { term: Term(0), index: LogIndex(0) }

/** Puts terms in order (Raft §5.1), then gives the message to its rule. Strangers are not heard. */
export function receive(state: State, message: Message): void {
  assert(message.to === state.id, 'a message went to the wrong node', state.id, message.to)
  const sender = progressOf(state, message.from)
  if (sender === undefined) return
  if (message.term > state.term) {
    if (message.kind === 'RequestVote' && isPassedOver(state, message)) {
      hit(state, 'vote/ignored-live-leader')
      return
    }
    if (!isAboutFutureTerm(message)) adoptFrom(state, message)
  } else if (message.term < state.term) {
    tellOlderSender(state, message)
    return
  }
  dispatch(state, sender, message)
}

function dispatch(state: State, sender: Progress, message: Message): void {
  switch (message.kind) {
    case 'AppendEntries':
      answerAppendEntries(state, message)
      break
    case 'AppendEntriesResponse':
      if (state.role !== 'leader') return
      sender.heardNs = state.nowNs
      countAppendResponse(state, sender, message)
      break
    case 'Heartbeat':
      answerHeartbeat(state, message)
      break
    case 'HeartbeatResponse':
      if (state.role !== 'leader') return
      sender.heardNs = state.nowNs
      countEcho(state, sender, message)
      break
    case 'RequestVote':
      // Also in its own term, which it may have learnt from others than the candidate.
      if (isPassedOver(state, message)) hit(state, 'vote/ignored-live-leader')
      else if (message.preVote) answerPreVote(state, message)
      else answerRequestVote(state, message)
      break
    case 'RequestVoteResponse':
      countVote(state, message)
      break
    default:
      unreachable(message)
  }
}

/** A pre-vote and its grant name a term that nobody is in yet. Thesis §9.6. */
const isAboutFutureTerm = (message: Message): boolean =>
  (message.kind === 'RequestVote' && message.preVote) ||
  (message.kind === 'RequestVoteResponse' && message.preVote && message.granted)

function adoptFrom(state: State, message: Message): void {
  hit(state, 'term/adopted-newer')
  const fromLeader = message.kind === 'AppendEntries' || message.kind === 'Heartbeat'
  becomeFollower(state, message.term, fromLeader ? message.from : undefined)
}

/**
 * A question of an older term is refused in the present one, never passed over in silence: with
 * pre-vote or check-quorum its sender would otherwise learn of the term from nobody.
 */
function tellOlderSender(state: State, message: Message): void {
  switch (message.kind) {
    case 'RequestVote':
      respond(state, message, false)
      break
    case 'AppendEntries':
      refuseAppend(state, message, NOTHING_AGREED)
      break
    case 'Heartbeat':
      tellTerm(state, message)
      break
    default:
      hit(state, 'term/ignored-old-response')
      return
  }
  hit(state, 'term/told-older-sender')
}
