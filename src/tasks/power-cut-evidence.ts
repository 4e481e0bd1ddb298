import type { PowerCutRecord } from '../judgement/history/power-cut-record.ts'
import type { Evidence } from '../judgement/score/evidence.ts'
import { staleAfter } from './measured-freshness.ts'

/**
 * What power cuts of one Raft say, oldest first: `measured.powerCut`, whether all was kept, and
 * `measured.faultsSurvived`, whether all checks of the history held meanwhile. A good record counts
 * until the next one; a bad one until it is removed. One that is unknown says nothing.
 */
export function evidenceOfPowerCuts(records: readonly PowerCutRecord[]): readonly Evidence[] {
  const newestFirst = [...records].reverse()
  const good = newestFirst.find(({ verdict }) => verdict === 'valid')
  const rows: readonly (readonly [string, PowerCutRecord | undefined])[] = [
    ['measured.powerCut', newestFirst.find(({ lost }) => lost > 0)],
    ['measured.faultsSurvived', newestFirst.find(({ verdict }) => verdict === 'invalid')],
  ]
  return rows.flatMap(([claim, bad]) => {
    const record = bad ?? good
    return record === undefined ? [] : [rowOf(claim, bad === undefined, record)]
  })
}

function rowOf(claim: string, value: boolean, record: PowerCutRecord): Evidence {
  const { id, subject, cuts, acked, lost, method } = record
  const date = record.startedAt.slice(0, 10)
  return {
    claim,
    value,
    kind: 'measured',
    source: `power cut ${id}, ${subject}`,
    factDate: date,
    lookedAt: date,
    staleAfter: staleAfter(date),
    note: `${cuts} cuts, ${method}: ${lost} of ${acked} acknowledged batches lost`,
    place: { file: id },
  }
}
