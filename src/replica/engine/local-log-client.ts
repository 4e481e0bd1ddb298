import type { Clock } from '../../base/clock.ts'
import type { Code } from '../../contract/codes.ts'
import type { FetchResult, LogClient, ProduceResult } from '../../contract/log-client.ts'
import { type GroupId, Offset, Term } from '../../contract/types.ts'
import type { Replica } from './replica.ts'

/** A client of a node in the same process: what a connection is to everything above it. */
export function createLocalLogClient(options: {
  readonly replicas: ReadonlyMap<GroupId, Replica>
  readonly clock: Clock
}): LogClient {
  const { replicas, clock } = options
  const unanswered = new Set<(code: Code) => void>()
  let isClosed = false

  /** Ends a request once: by the replica's answer, or when the connection ends before it. */
  const tracked = <Result>(done: (result: Result) => void, failed: (code: Code) => Result) => {
    const abandon = (code: Code): void => {
      unanswered.delete(abandon)
      done(failed(code))
    }
    unanswered.add(abandon)
    return {
      abandon,
      answer: (result: Result): void => {
        if (unanswered.delete(abandon)) done(result)
      },
    }
  }

  return {
    produce: (request, done) => {
      const { answer, abandon } = tracked<ProduceResult>(done, (code) => ({
        code,
        baseOffset: undefined,
        term: Term(0),
        index: undefined,
        leader: undefined,
      }))
      const replica = replicas.get(request.partition)
      if (isClosed) clock.defer(() => abandon('CONNECTION_LOST'))
      else if (replica === undefined) clock.defer(() => abandon('UNKNOWN_PARTITION'))
      else replica.produce(request, answer)
    },
    fetch: (request, done) => {
      const { answer, abandon } = tracked<FetchResult>(done, (code) => ({
        code,
        logStartOffset: Offset(0),
        highWatermark: Offset(0),
        batches: [],
        leader: undefined,
      }))
      const replica = replicas.get(request.partition)
      if (isClosed) clock.defer(() => abandon('CONNECTION_LOST'))
      else if (replica === undefined) clock.defer(() => abandon('UNKNOWN_PARTITION'))
      else replica.fetch(request, answer)
    },
    close: () => {
      isClosed = true
      for (const abandon of [...unanswered]) abandon('CONNECTION_LOST')
    },
  }
}
