import type { Scorecard } from '../judgement/score/scorecard.ts'
import { type Block, type Cited, heading, paragraph, type Source } from './document.ts'

/** Scorecards as a document: bars that open onto the evidence, gates, sources. */
export function scorecardDocument(cards: readonly Scorecard[]): readonly Block[] {
  const sources = new Map<string, Source>()
  const cite = (row: Omit<Source, 'number'>): number => {
    const key = JSON.stringify(row)
    const known = sources.get(key)
    if (known !== undefined) return known.number
    sources.set(key, { number: sources.size + 1, ...row })
    return sources.size
  }
  return [
    heading(1, 'top', 'Scorecards'),
    ...cards.flatMap((card) => cardBlocks(card, cite)),
    heading(2, 'sources', 'Sources'),
    { kind: 'sources', sources: [...sources.values()] },
  ]
}

type Cite = (row: Omit<Source, 'number'>) => number

function cardBlocks(card: Scorecard, cite: Cite): readonly Block[] {
  const total = card.total === null ? 'n/a' : `${card.totalText} of 10 (${card.total.toFixed(2)})`
  const known = `${Math.round(card.coverage * 1_000) / 10} %`
  return [
    heading(2, card.raft, card.raft),
    paragraph(
      `**${card.verdict}**, ${total}, bound by ${card.boundBy}. Profile \`${card.profile}\`, ` +
        `as of ${card.asOf}; ${known} of the weight is known, and with all of it the total ` +
        `would lie between ${card.low.toFixed(2)} and ${card.high.toFixed(2)}.`,
    ),
    { kind: 'list', ordered: true, items: card.reasons.map((text) => ({ text })) },
    {
      kind: 'bars',
      bars: card.criteria.map((one) => ({
        label: `${one.name} ${one.weight} %`,
        score: one.score,
        low: one.low,
        high: one.high,
        details: one.parts.map((part): Cited => {
          const score = part.score === null ? '?' : part.score.toFixed(1)
          return {
            text: `${part.question} ${score}: ${part.means}`,
            sources: part.evidence.map(({ source, kind, factDate, lookedAt }) =>
              cite({ source, kind, factDate, lookedAt }),
            ),
          }
        }),
      })),
    },
    {
      kind: 'table',
      head: ['gate', 'outcome', 'why'],
      rows: card.gates.map(({ title, outcome, explanation }) => [
        { text: title },
        { text: outcome },
        { text: outcome === 'held' ? '' : explanation },
      ]),
    },
  ]
}
