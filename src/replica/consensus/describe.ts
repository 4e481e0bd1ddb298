import { unreachable } from '../../base/assert.ts'
import type { EntryId, NodeId } from '../../contract/types.ts'
import type { Effects, Persist } from './effects.ts'
import type { Entry, Message } from './message.ts'

/** One line for logs and golden files, in the words of the paper. */
export function describeMessage(message: Message): string {
  const route = `${message.from}→${message.to} ${message.kind} term=${message.term}`
  switch (message.kind) {
    case 'RequestVote':
      return `${route}${preVote(message)} last=${describeId(message.lastEntry)}`
    case 'RequestVoteResponse':
      return `${route}${preVote(message)} ${message.granted ? 'granted' : 'refused'}`
    case 'AppendEntries': {
      const { previous, entries, commitIndex } = message
      const what = describeEntries(entries)
      return `${route} previous=${describeId(previous)} entries=[${what}] commit=${commitIndex}`
    }
    case 'AppendEntriesResponse':
      return message.accepted
        ? `${route} previous=${message.previousIndex} match=${message.matchIndex}`
        : `${route} previous=${message.previousIndex} conflict=${describeId(message.conflict)}`
    case 'Heartbeat':
      return `${route} round=${message.round} commit=${message.commitIndex}`
    case 'HeartbeatResponse':
      return `${route} round=${message.round}`
    default:
      return unreachable(message)
  }
}

/** One line for each effect, in the order in which an engine handles them; none for nothing. */
export function describeEffects(effects: Effects): string[] {
  const { persist, send, sendAfterPersist, accepted, refused, lost, load, readReady } = effects
  const { commitIndex, status, trace } = effects
  return [
    ...(trace.length > 0 ? [`rules ${[...new Set(trace)].join(' ')}`] : []),
    ...(status === undefined
      ? []
      : [`${status.role} term=${status.term} leader=${describeLeader(status.leader)}`]),
    ...(persist === undefined ? [] : [describePersist(persist)]),
    ...accepted.map(
      ({ firstIndex, term, tokens }) =>
        `accepted term=${term} first=${firstIndex} tokens=(${tokens.join(',')})`,
    ),
    ...refused.map(({ token, reason }) => `refused token=${token} ${reason}`),
    ...(lost.length > 0 ? [`lost tokens=(${lost.join(',')})`] : []),
    ...readReady.map(({ token, index }) => `read-ready token=${token} index=${index}`),
    ...(commitIndex === undefined ? [] : [`commit ${commitIndex}`]),
    ...load.map(
      ({ to, firstIndex, lastIndex, bytesMax }) =>
        `load to=${to} first=${firstIndex} last=${lastIndex} bytes-max=${bytesMax}`,
    ),
    ...send.map((message) => `send ${describeMessage(message)}`),
    ...sendAfterPersist.flatMap(({ persistId, messages }) =>
      messages.map((message) => `after #${persistId} ${describeMessage(message)}`),
    ),
  ]
}

const describeId = ({ term, index }: EntryId): string => `${term}/${index}`

const describeLeader = (leader: NodeId | undefined): string =>
  leader === undefined ? 'none' : `${leader}`

const preVote = (message: { readonly preVote: boolean }): string =>
  message.preVote ? ' pre-vote' : ''

function describePersist({ id, hardState, truncateFrom, entries }: Persist): string {
  const words = [`persist #${id}`]
  if (hardState !== undefined) {
    words.push(`term=${hardState.term} vote=${describeLeader(hardState.votedFor)}`)
  }
  if (truncateFrom !== undefined) words.push(`truncate-from=${truncateFrom}`)
  if (entries.length > 0) words.push(`entries=[${describeEntries(entries)}]`)
  return words.join(' ')
}

/** Entries of one term in a row as `term/first-last`. */
export function describeEntries(entries: readonly Entry[]): string {
  const runs: { term: number; first: number; last: number }[] = []
  for (const { term, index } of entries) {
    const run = runs[runs.length - 1]
    if (run !== undefined && run.term === term) run.last = index
    else runs.push({ term, first: index, last: index })
  }
  return runs
    .map(({ term, first, last }) =>
      first === last ? `${term}/${first}` : `${term}/${first}-${last}`,
    )
    .join(' ')
}
