import type { Clock } from '../../base/clock.ts'
import type { FetchResult } from '../../contract/log-client.ts'
import { GroupId, Offset } from '../../contract/types.ts'
import type { CheckResult } from '../../judgement/history/run-record.ts'
import type { Workload } from '../workload/workload.ts'
import type { Consumer } from './consumer.ts'
import type { Ledger } from './ledger.ts'
import { consumedRecords } from './record-check.ts'
import type { Routes } from './routes.ts'

/** For the one question that tells a lost record from a slow one. */
const PROBE_LIMIT_NS = 1_000_000_000

export type FinalCheckOptions = {
  readonly clock: Clock
  readonly workload: Workload
  readonly groups: readonly number[]
  readonly ledger: Ledger
  readonly routes: Routes
  /** Those that tail. */
  readonly consumers: readonly Consumer[]
  readonly replayers: readonly Consumer[]
}

/**
 * What the consumers' reading says once it has ended: `done` is called once, within
 * `PROBE_LIMIT_NS`. Where a consumer has not come to the end of what was acknowledged, one
 * linearizable fetch decides whether the rest is lost or whether that cannot be said.
 */
export function concludeChecks(
  options: FinalCheckOptions,
  done: (checks: readonly CheckResult[]) => void,
): void {
  const { consumers } = options
  const [behind] = partitionsBehind(options)
  if (consumers.length === 0) done([])
  else if (violationIn(options) === undefined && behind !== undefined) {
    probe(options, behind, (result) => done([judgeRest(options, behind, result)]))
  } else done([judgeRead(options)])
}

const violationIn = ({ consumers, replayers, ledger }: FinalCheckOptions): string | undefined =>
  [...consumers, ...replayers]
    .map(({ check }) => check.violation)
    .find((text) => text !== undefined) ?? ledger.contradiction

function judgeRead(options: FinalCheckOptions): CheckResult {
  const { consumers, ledger, workload } = options
  const violation = violationIn(options)
  if (violation !== undefined) return consumedRecords('invalid', violation)
  const [lost] = ledger.unseen(1)
  if (lost !== undefined) {
    const { producerId, epoch, baseSequence } = ledger.identityOf(lost.session, lost.ordinal)
    const place = `partition ${lost.partition}, offset ${lost.ackedOffset}`
    const name = `producer ${producerId} epoch ${epoch} sequence ${baseSequence}`
    return lostRecord(workload, `${place}: lost: ${name} was acknowledged here`)
  }
  const records = consumers.reduce((sum, { check }) => sum + check.records, 0)
  if (records === 0) return consumedRecords('unknown', 'nothing was acknowledged or read')
  const who = consumers.length === 1 ? 'one consumer' : `${consumers.length} consumers`
  return consumedRecords('valid', `${who} read ${records} records and found each as acknowledged`)
}

type Behind = { readonly partition: number; readonly offset: number; readonly end: number }

/** Partitions in which a consumer has not come to the end of what was acknowledged. */
export function partitionsBehind(
  options: Pick<FinalCheckOptions, 'groups' | 'ledger' | 'consumers'>,
): Behind[] {
  return options.groups.flatMap((_, partition) => {
    const end = options.ledger.ackedEndOf(partition)
    const offset = Math.min(...options.consumers.map((consumer) => consumer.offsetOf(partition)))
    return offset < end ? [{ partition, offset, end }] : []
  })
}

function probe(
  { clock, routes, groups }: FinalCheckOptions,
  { partition, offset }: Behind,
  done: (result: FetchResult | undefined) => void,
): void {
  let open = true
  const conclude = (result: FetchResult | undefined): void => {
    if (!open) return
    open = false
    limit.cancel()
    done(result)
  }
  const limit = clock.wakeAt(clock.nowNs() + PROBE_LIMIT_NS, () => conclude(undefined))
  routes.client(routes.leaderOf(partition)).fetch(
    {
      partition: GroupId(groups[partition] as number),
      offset: Offset(offset),
      consistency: 'linearizable',
      bytesMax: 1,
      waitMsMax: 0,
    },
    conclude,
  )
}

function judgeRest(
  { workload }: FinalCheckOptions,
  { partition, offset, end }: Behind,
  result: FetchResult | undefined,
): CheckResult {
  const read =
    `partition ${partition}: records up to offset ${end - 1} were acknowledged, ` +
    `read were those below ${offset}`
  if (result?.code === 'OK' && result.highWatermark < end) {
    const says = `a linearizable fetch afterwards says that the log ends at ${result.highWatermark}`
    return lostRecord(workload, `${read}; lost: ${says}`)
  }
  const seconds = workload.drainSecondsMax
  const said = result === undefined ? 'nothing' : result.code
  return consumedRecords(
    'unknown',
    `${read} after ${seconds} s; a linearizable fetch was answered with ${said}`,
  )
}

/** With acks of the leader alone, a change of leaders may lose what was acknowledged. */
function lostRecord({ acks }: Workload, explanation: string): CheckResult {
  if (acks === 'quorum') return consumedRecords('invalid', explanation)
  return consumedRecords('unknown', `${explanation}; acks of the leader alone do not promise it`)
}
