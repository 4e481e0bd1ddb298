import type { Ranking } from '../judgement/score/rank-scorecards.ts'
import type { Scorecard, ScorecardCriterion } from '../judgement/score/scorecard.ts'
import { textTable, wrapped } from './text-table.ts'

/** Scorecards as text of at most 80 columns, without colour. */
export function renderScorecards(set: {
  readonly scorecards: readonly Scorecard[]
  readonly rankings: readonly Ranking[]
}): string {
  const cards = set.scorecards.map(renderScorecard)
  return [...cards, ...(set.scorecards.length > 1 ? [renderRankings(set.rankings)] : [])].join('\n')
}

/** What one experiment alone says of readiness: the parts that it measured, how few they are. */
export function renderMeasuredScorecards(cards: readonly Scorecard[]): string {
  const scored = cards.filter(({ total }) => total !== null)
  const criteria = ['correctness', 'performance']
  const rows = scored.map((card) => [
    card.raft,
    `${card.totalText} of 10`,
    percent(card.coverage),
    ...criteria.map((id) => {
      const score = card.criteria.find(({ criterion }) => criterion === id)?.score ?? null
      return score === null ? '?' : score.toFixed(1)
    }),
  ])
  const first = scored[0]
  if (first === undefined) return 'No scorecard: nothing that it rests on was measured here.'
  return [
    `scorecard of what was measured · profile ${first.profile}`,
    textTable(['raft', 'measured', 'known', ...criteria], rows),
    wrapped(
      'No verdict follows from this: most of the weight is evidence that no run gives. ' +
        `With it: raftmark scorecard ${scored.map(({ raft }) => raft).join(' ')}`,
    ),
  ].join('\n')
}

function renderScorecard(card: Scorecard): string {
  const total = card.total === null ? 'n/a' : `${card.totalText} (${card.total.toFixed(2)})`
  return [
    `${card.raft} · profile ${card.profile} · as of ${card.asOf}`,
    `${card.verdict} · ${total} of 10 · ${percent(card.coverage)} of the weight known`,
    `if all were known: ${card.low.toFixed(2)}–${card.high.toFixed(2)}`,
    ...(card.boundBy === 'sum' ? [] : [`bound by ${card.boundBy}`]),
    ...card.reasons.map((reason) => wrapped(`- ${reason}`)),
    criteriaTable(card.criteria),
    ...extremeLines(card),
    ...sensitivityLines(card),
    '',
  ].join('\n')
}

const WIDTHS = [17, 8, 7, 11, 8, 22]

function criteriaTable(criteria: readonly ScorecardCriterion[]): string {
  const rows = criteria.map((one) => [
    one.name,
    `${one.weight} %`,
    one.score === null ? '?' : one.score.toFixed(1),
    one.low === one.high ? one.low.toFixed(1) : `${one.low.toFixed(1)}–${one.high.toFixed(1)}`,
    percent(one.coverage),
    one.capped === null ? bar(one) : 'capped',
  ])
  const head = ['criterion', 'weight', 'score', 'could be', 'known', '0        5        10']
  return textTable(head, rows, { widths: WIDTHS })
}

/** `█` up to the score, `░` up to where it could be: told apart without colour. */
function bar({ score, high }: ScorecardCriterion): string {
  const solid = Math.round((score ?? 0) * 2)
  return (
    '█'.repeat(solid) + '░'.repeat(Math.max(0, Math.round(high * 2) - solid)).padEnd(20 - solid)
  )
}

function extremeLines({ best, worst }: Scorecard): readonly string[] {
  const line = (label: string, one: Scorecard['best']) =>
    one === null
      ? []
      : [wrapped(`${label}: ${one.criterion} ${one.score.toFixed(1)}, ${one.reason}`)]
  return [...line('best', best), ...line('worst', worst)]
}

function sensitivityLines({ sensitivity, verdict }: Scorecard): readonly string[] {
  if (sensitivity === null) return []
  const shares = sensitivity.robustness.map(({ keeps }) => percent(keeps))
  const sentence =
    `The sum stays in its band in ${shares[0]} of weightings near the profile, in ${shares[1]} ` +
    `when unsure of it, in ${shares[2]} of all (${sensitivity.word}).`
  const flips = sensitivity.flips
    .filter(({ weight }) => weight !== null)
    .map(({ criterion, weight }) => `${criterion} at ${weight} %`)
  const flip =
    verdict === 'READY' || flips.length === 0
      ? `No single weight brings it to ${sensitivity.threshold.toFixed(1)}.`
      : `It would reach ${sensitivity.threshold.toFixed(1)} with ${flips.join(', or ')}.`
  return [wrapped(sentence), ...(verdict === 'READY' ? [] : [wrapped(flip)])]
}

function renderRankings(rankings: readonly Ranking[]): string {
  const lines = rankings.flatMap(({ coverage, places }) => {
    if (places.length === 1) {
      return [`${places[0]?.raft}: not ranked, no other has the same cells known`]
    }
    return [
      `ranked, ${percent(coverage)} known:`,
      ...places.map((place, at) => wrapped(`${at + 1}. ${placeText(place, places[at + 1]?.raft)}`)),
    ]
  })
  return ['Ranking (only where the same cells are known)', ...lines].join('\n')
}

function placeText(place: Ranking['places'][number], next: string | undefined): string {
  const share = percent(place.first)
  const text = `${place.raft} ${place.total.toFixed(2)}, first in ${share} of weightings`
  if (next === undefined) return text
  if (place.flip === null) return `${text}; no weights put ${next} before it`
  const { points, from, to } = place.flip
  if (points === 0) return `${text}; level with ${next}`
  return `${text}; level with ${next} when ${points} points move from ${from.join(', ')} to ${to}`
}

const percent = (ratio: number): string => `${Math.round(ratio * 1_000) / 10} %`
