import { prngFromSeed } from '../../base/prng.ts'
import { drawTriangular, drawWeights } from './dirichlet.ts'
import { cellsOf, type Scorecard } from './scorecard.ts'
import { flipRanking, type RankingFlip } from './sensitivity.ts'

/** Rafts whose same cells are known, best first. */
export type Ranking = {
  readonly coverage: number
  readonly places: readonly {
    readonly raft: string
    readonly total: number
    /** The share of plausible weightings, and scores within their intervals, that put it first. */
    readonly first: number
    /** The least weight that must move for the next one to draw level; `null` when none can. */
    readonly flip: RankingFlip | null
  }[]
}

const DRAWS = 5_000
const SEED = 20_251_016
/** Of someone who is unsure of the profile: see `sensitivity.ts`. */
const CONCENTRATION = 20

/**
 * Ranks scorecards with one another only where the same criteria are known to the same extent: a
 * total over other cells answers another question. The others stand in rankings of their own.
 */
export function rankScorecards(cards: readonly Scorecard[]): readonly Ranking[] {
  const groups = new Map<string, Scorecard[]>()
  for (const card of cards) {
    if (card.total === null) continue
    const key = card.criteria
      .flatMap(({ parts }) => parts.map(({ score }) => (score === null ? '-' : '+')))
      .join('')
    groups.set(key, [...(groups.get(key) ?? []), card])
  }
  return [...groups.values()].map(rankGroup)
}

function rankGroup(cards: readonly Scorecard[]): Ranking {
  const ordered = [...cards].sort(
    (a, b) => (b.total ?? 0) - (a.total ?? 0) || (a.raft < b.raft ? -1 : 1),
  )
  const wins = firstPlaces(ordered)
  return {
    coverage: ordered[0]?.coverage ?? 0,
    places: ordered.map((card, at) => {
      const next = ordered[at + 1]
      const flip = next === undefined ? undefined : flipRanking(cellsOf(card), cellsOf(next))
      return {
        raft: card.raft,
        total: card.total ?? 0,
        first: Math.round(((wins[at] ?? 0) / DRAWS) * 1_000) / 1_000,
        flip: flip === undefined ? null : { ...flip, points: Math.round(flip.points * 10) / 10 },
      }
    }),
  }
}

function firstPlaces(cards: readonly Scorecard[]): readonly number[] {
  const prng = prngFromSeed(SEED)
  const cells = cards.map(cellsOf)
  const means = (cells[0] ?? []).map(({ weight }) => weight)
  const wins = cards.map(() => 0)
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const weights = drawWeights(means, CONCENTRATION, prng)
    const sums = cells.map((own) =>
      own.reduce(
        (sum, { low, score, high }, at) =>
          sum + (weights[at] ?? 0) * drawTriangular(low, score, high, prng),
        0,
      ),
    )
    const first = sums.indexOf(Math.max(...sums))
    wins[first] = (wins[first] ?? 0) + 1
  }
  return wins
}
