import { textTable, wrapped } from './text-table.ts'

type Document = {
  readonly subject: string
  readonly claimed: string
  readonly observed: string | null
  readonly sourceDetail: string
  readonly verdict: string
  readonly cases: readonly {
    readonly inFlight: number
    readonly acknowledged: number
    readonly nodes: readonly {
      readonly node: number
      readonly systemSyncs: number | undefined
      readonly countedSyncs: number
    }[]
  }[]
}

/** What was claimed and seen, and the syncs per acknowledged batch of every node. */
export function renderDurability(document: Document): string {
  const { subject, claimed, observed, sourceDetail, verdict, cases } = document
  const rows = cases.flatMap(({ inFlight, acknowledged, nodes }) =>
    nodes.map(({ node, systemSyncs, countedSyncs }) => [
      `${inFlight}`,
      `${node}`,
      systemSyncs === undefined ? 'not seen' : (systemSyncs / acknowledged).toFixed(2),
      (countedSyncs / acknowledged).toFixed(2),
    ]),
  )
  const head = ['in flight', 'node', 'syncs per ack, system', 'as the node counts']
  return [
    `${verdict}: ${subject} claims ${claimed}; observed is ${observed ?? 'nothing'}`,
    wrapped(`by: ${sourceDetail}`),
    textTable(head, rows),
  ].join('\n')
}
