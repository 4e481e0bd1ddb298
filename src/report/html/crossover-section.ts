import { quantity } from '../quantity.ts'
import type { CrossoverCell, CrossoverView, ExperimentView } from './experiment-view.ts'
import { toneOf } from './experiment-view.ts'
import { noteOf } from './figure-notes.ts'
import { swatch } from './legend.ts'
import { html, type Markup } from './markup.ts'
import { scrolled } from './page.ts'

/** Where which of two subjects wins, by how much, and where nobody can say. */
export function crossoverMap(view: ExperimentView, map: CrossoverView): Markup {
  const { a, b, metric, cells } = map
  const loads = distinct(cells.map(({ inFlight }) => inFlight))
  const wins = cells.filter(({ verdict }) => verdict === 'better').length
  const losses = cells.filter(({ verdict }) => verdict === 'worse').length
  return html`<p>${metric}, <strong>${b}</strong> against <strong>${a}</strong>: ${b} is better in
${wins} of ${cells.length} places, worse in ${losses}. The ratio is ${b} ÷ ${a}, with its 95 %
interval; a coloured place is won by the subject of that colour
(${swatch(toneOf(view, a))}${a}, ${swatch(toneOf(view, b))}${b}).</p>
<div class="pair">${loads.map((inFlight) => mapOf(view, map, inFlight))}</div>${noteOf('ratio')}`
}

function mapOf(view: ExperimentView, map: CrossoverView, inFlight: number): Markup {
  const cells = map.cells.filter((cell) => cell.inFlight === inFlight)
  const syncs = distinct(cells.map(({ syncMs }) => syncMs))
  const roundTrips = distinct(cells.map(({ roundTripMs }) => roundTripMs))
  const find = (syncMs: number, roundTripMs: number) =>
    cells.find((cell) => cell.syncMs === syncMs && cell.roundTripMs === roundTripMs)
  return html`<figure><h3>${inFlight} in flight</h3>${scrolled(
    `Crossover map with ${inFlight} in flight`,
    html`<table class="map"><thead><tr><th scope="col">sync \\ round trip</th>${roundTrips.map(
      (roundTrip) => html`<th scope="col">${roundTrip} ms</th>`,
    )}</tr></thead><tbody>${syncs.map(
      (sync) =>
        html`<tr><th scope="row">${sync} ms</th>${roundTrips.map((roundTrip) =>
          place(view, map, find(sync, roundTrip)),
        )}</tr>`,
    )}</tbody></table>`,
  )}</figure>`
}

function place(
  view: ExperimentView,
  { a, b }: CrossoverView,
  cell: CrossoverCell | undefined,
): Markup {
  if (cell === undefined || cell.estimate === null) return html`<td>not measured</td>`
  const { estimate, low, high, verdict } = cell
  const winner = verdict === 'better' ? b : verdict === 'worse' ? a : undefined
  const interval =
    low === null || high === null ? 'no interval' : `${quantity(low)}–${quantity(high)}`
  const kind = winner === undefined ? '' : `wins ${toneOf(view, winner)}`
  const word = winner === undefined ? verdict : `${winner} wins`
  return html`<td class="${kind}"><strong>×${quantity(estimate)}</strong><small>${interval}</small>
<small>${word}</small></td>`
}

const distinct = (values: readonly number[]): readonly number[] =>
  [...new Set(values)].sort((one, other) => one - other)
