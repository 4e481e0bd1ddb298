import type { LogIndex } from '../../contract/types.ts'
import type { AfterPersist, Effects, HardState, Persist } from './effects.ts'
import { broadcastHeartbeat } from './heartbeat.ts'
import type { Entry, Message } from './message.ts'
import { sendAppends } from './send-appends.ts'
import type { State } from './state.ts'

/**
 * Shared by all effects that have none of something, so that nothing costs nothing. Not frozen: a
 * loop that sees frozen arrays as well as others allocates for every element.
 */
const NONE: readonly never[] = []

/** Turns what the rules left in the outbox into effects. Here is all merging of many steps. */
export function takeEffects(state: State): Effects | undefined {
  if (!state.dirty) return undefined
  state.dirty = false
  const leads = state.role === 'leader'
  if (leads && state.round < state.roundWanted) broadcastHeartbeat(state)
  const persist = takePersist(state)
  if (leads) sendAppends(state, persist === undefined ? NONE : persist.entries)
  const sendAfterPersist = takeAfterPersist(state)
  const send = takeSend(state)
  const commitIndex = state.commitIndex === state.toldCommitIndex ? undefined : state.commitIndex
  const status = state.status === state.toldStatus ? undefined : state.status
  if (
    persist === undefined &&
    send === NONE &&
    sendAfterPersist === NONE &&
    commitIndex === undefined &&
    status === undefined &&
    hasNoAnswers(state)
  ) {
    return undefined
  }
  state.toldCommitIndex = state.commitIndex
  state.toldStatus = state.status
  const { accepted, refused, lost, readReady, load, trace } = state
  const effects: Effects = {
    persist,
    send,
    sendAfterPersist,
    accepted: orNone(accepted),
    refused: orNone(refused),
    lost: orNone(lost),
    readReady: orNone(readReady),
    commitIndex,
    load: orNone(load),
    status,
    trace: orNone(trace),
  }
  forgetAnswers(state)
  return effects
}

const orNone = <T>(list: readonly T[]): readonly T[] => (list.length > 0 ? list : NONE)

/** The caller owns what was taken, so the next steps start new lists. */
function forgetAnswers(state: State): void {
  if (state.accepted.length > 0) state.accepted = []
  if (state.refused.length > 0) state.refused = []
  if (state.lost.length > 0) state.lost = []
  if (state.readReady.length > 0) state.readReady = []
  if (state.load.length > 0) state.load = []
  if (state.trace.length > 0) state.trace = []
}

const hasNoAnswers = (state: State): boolean =>
  state.accepted.length === 0 &&
  state.refused.length === 0 &&
  state.lost.length === 0 &&
  state.readReady.length === 0 &&
  state.load.length === 0 &&
  state.trace.length === 0

/** One atomic write of all that changed: term and vote, what is cut, and what is new. */
function takePersist(state: State): Persist | undefined {
  const { log, truncateFrom, unwrittenIndex } = state
  const hardState = changedHardState(state)
  const lastIndex = log.lastIndex
  const isNew = lastIndex >= unwrittenIndex
  if (hardState === undefined && truncateFrom === undefined && !isNew) return undefined
  const entries: readonly Entry[] = isNew ? log.slice(unwrittenIndex, lastIndex + 1) : NONE
  const id = state.writes.handOut(lastIndex, hardState !== undefined)
  state.truncateFrom = undefined
  state.unwrittenIndex = (lastIndex + 1) as LogIndex
  return { id, hardState, truncateFrom, entries }
}

function changedHardState(state: State): HardState | undefined {
  const { term, votedFor, writtenHardState } = state
  if (writtenHardState.term === term && writtenHardState.votedFor === votedFor) return undefined
  state.writtenHardState = { term, votedFor }
  return state.writtenHardState
}

/** What need not wait for a write that is still outstanding joins what may leave at once. */
function takeAfterPersist(state: State): readonly AfterPersist[] {
  const hardStateId = boundTo(state, state.afterHardState, state.writes.hardStateWaitsFor)
  const logId = boundTo(state, state.afterLog, state.writes.logWaitsFor)
  const { afterHardState, afterLog } = state
  if (hardStateId !== undefined) state.afterHardState = []
  if (logId !== undefined) state.afterLog = []
  if (hardStateId === undefined && logId === undefined) return NONE
  if (hardStateId === undefined) return [{ persistId: logId as number, messages: afterLog }]
  if (logId === undefined) return [{ persistId: hardStateId, messages: afterHardState }]
  if (hardStateId === logId) {
    return [{ persistId: logId, messages: [...afterHardState, ...afterLog] }]
  }
  return [
    { persistId: hardStateId, messages: afterHardState },
    { persistId: logId, messages: afterLog },
  ]
}

function boundTo(
  state: State,
  messages: Message[],
  persistId: number | undefined,
): number | undefined {
  if (messages.length === 0 || persistId !== undefined) {
    return messages.length === 0 ? undefined : persistId
  }
  for (const message of messages) state.send.push(message)
  messages.length = 0
  return undefined
}

function takeSend(state: State): readonly Message[] {
  const { send } = state
  if (send.length === 0) return NONE
  state.send = []
  return send
}
