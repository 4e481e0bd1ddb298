import type { Code } from '../../contract/codes.ts'
import type { ProduceRequest } from '../../contract/log-client.ts'
import { batchFaultOf } from '../../contract/record-batch.ts'

/** Unanswered proposals of one group beyond which more are refused. */
const PRODUCES_MAX = 65_536

/** Why a request cannot be proposed, with `produces` others unanswered; `undefined` if it can. */
export function faultOfRequest(
  request: ProduceRequest,
  batchBytesMax: number,
  produces: number,
): Code | undefined {
  // An answer before the commit would need the offset before it is assigned: see ADAPTERS.md.
  if (request.acks !== 'quorum') return 'UNSUPPORTED'
  if (request.batch.length > batchBytesMax) return 'BATCH_TOO_LARGE'
  if (batchFaultOf(request.batch) !== undefined) return 'CORRUPT_BATCH'
  return produces < PRODUCES_MAX ? undefined : 'OVERLOADED'
}
