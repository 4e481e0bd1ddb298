import type { PowerCut, PowerCutRecord } from '../judgement/history/power-cut-record.ts'
import { durationText, quantity } from './quantity.ts'
import { textTable, wrapped } from './text-table.ts'

/** One cut as it happens. */
export function powerCutLine(cut: PowerCut, of: 'control' | 'subject', nth: number): string {
  const who = of === 'control' ? 'control without syncs' : `cut ${nth}`
  const nodes = `node${cut.nodes.length === 1 ? '' : 's'} ${cut.nodes.join(', ')}`
  const counts = `${cut.acked} acknowledged since, ${cut.inFlight} in flight, ${cut.lost} lost`
  return `${who}: ${nodes}: ${counts}`
}

/** What was cut, what was lost, and how much that says. */
export function renderPowerCut(record: PowerCutRecord): string {
  const { scopes, control, checks, reasons, lossPerCutAtMost, inFlight } = record
  const rows = [
    ...scopes
      .filter(({ cuts }) => cuts > 0)
      .map((sums) => rowOf(sums.scope === 'all' ? 'all at once' : sums.scope, sums)),
    rowOf('together', record),
    rowOf('control without syncs', control),
  ]
  const held = checks.filter(({ verdict }) => verdict === 'valid').length
  const head = `${record.verdict}: ${record.subject} at ${record.durability}, ${record.nodes} nodes`
  const bound = quantity(100 * lossPerCutAtMost)
  return [
    head,
    wrapped(`method: ${record.method}: ${record.methodDetail}`),
    textTable(['nodes without power', 'cuts', 'acknowledged', 'lost', 'losing cuts'], rows),
    `a cut like these loses something with a chance of at most ${bound} % (95 %)`,
    `in flight at each cut: ${inFlight.min} to ${inFlight.max}, median ${inFlight.median}`,
    `${held} of ${checks.length} checks of the history held; ` +
      `seed ${record.seed}, ${durationText(record.durationMs / 1_000)}`,
    ...reasons.map((reason) => wrapped(`  ${reason}`, '    ')),
  ].join('\n')
}

const rowOf = (
  name: string,
  sums: { cuts: number; acked: number; lost: number; losingCuts: number },
): readonly string[] => [
  name,
  ...[sums.cuts, sums.acked, sums.lost, sums.losingCuts].map((count) => String(count)),
]
