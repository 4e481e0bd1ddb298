import { metricLabel } from '../experiment-tables.ts'
import type { Crossover, CrossoverPlace } from './crossover.ts'
import { type ExperimentView, toneOf } from './experiment-view.ts'
import { noteOf } from './figure-notes.ts'
import { swatch } from './legend.ts'
import { html, type Markup } from './markup.ts'
import { scrolled } from './page.ts'

/** Where which of two subjects wins, by how much, and where nobody can say. */
export function crossoverMap(view: ExperimentView, map: Crossover): Markup {
  const { a, b, metric, places } = map
  const loads = distinct(places.map(({ inFlight }) => inFlight))
  const count = (wanted: string) =>
    places.filter(({ comparison }) => comparison.verdict === wanted).length
  return html`<p>${metricLabel(metric)} of <strong>${b}</strong> ÷ <strong>${a}</strong>, with the
95 % interval. ${b} is better in ${count('better')} of ${places.length} places, worse in
${count('worse')}, equivalent in ${count('equivalent')}; in ${count('undecided')} nobody can say.
A place has the colour of its winner: ${swatch(toneOf(view, a))}${a}, ${swatch(toneOf(view, b))}${b}.</p>
<div class="pair">${loads.map((inFlight) => mapOf(view, map, inFlight))}</div>${noteOf('ratio')}`
}

function mapOf(view: ExperimentView, map: Crossover, inFlight: number): Markup {
  const places = map.places.filter((place) => place.inFlight === inFlight)
  const syncs = distinct(places.map(({ syncMs }) => syncMs))
  const roundTrips = distinct(places.map(({ roundTripMs }) => roundTripMs))
  const find = (syncMs: number, roundTripMs: number) =>
    places.find((place) => place.syncMs === syncMs && place.roundTripMs === roundTripMs)
  return html`<figure><h3>${inFlight} in flight</h3>${scrolled(
    `Crossover map with ${inFlight} in flight`,
    html`<table class="map"><thead><tr><th scope="col">sync ↓ round trip →</th>${roundTrips.map(
      (roundTrip) => html`<th scope="col">${roundTrip} ms</th>`,
    )}</tr></thead><tbody>${syncs.map(
      (sync) =>
        html`<tr><th scope="row">${sync} ms</th>${roundTrips.map((roundTrip) =>
          cell(view, map, find(sync, roundTrip)),
        )}</tr>`,
    )}</tbody></table>`,
  )}</figure>`
}

function cell(
  view: ExperimentView,
  { a, b }: Crossover,
  place: CrossoverPlace | undefined,
): Markup {
  const { estimate, low, high, verdict } = place?.comparison ?? nowhere
  if (estimate === null) {
    const why = place === undefined ? 'not measured' : 'no round ranked'
    return html`<td><small>${why}</small></td>`
  }
  const winner = verdict === 'better' ? b : verdict === 'worse' ? a : undefined
  const interval =
    low === null || high === null ? 'no interval' : `${low.toFixed(2)}–${high.toFixed(2)}`
  const kind = winner === undefined ? '' : `wins ${toneOf(view, winner)}`
  return html`<td class="${kind}"><strong>×${estimate.toFixed(2)}</strong><small>${interval}</small>
<small>${winner === undefined ? verdict : `${winner} wins`}</small></td>`
}

const nowhere = { estimate: null, low: null, high: null, verdict: 'undecided' } as const

const distinct = (values: readonly number[]): readonly number[] =>
  [...new Set(values)].sort((one, other) => one - other)
