import type { Evaluation } from '../judgement/score/evaluation.ts'
import { sentenceOf } from '../judgement/score/rubric.ts'
import type { Citations } from './citations.ts'
import { type Block, type Cited, paragraph } from './document.ts'

const severities = { critical: 'blocker', major: 'major', minor: 'minor' } as const

/** Pros and cons that the evidence shows, the gravest first. */
export function findings(
  { rubric, knowledge }: Evaluation,
  citations: Citations,
): readonly Block[] {
  const shown = rubric.findings.filter(({ when }) => knowledge.evaluate(when.expression) === true)
  const order = Object.keys(severities)
  const tableOf = (side: 'pro' | 'con'): Block => ({
    kind: 'table',
    head: [side === 'pro' ? 'pro' : 'con', side === 'pro' ? 'weight' : 'severity', 'why'],
    rows: shown
      .filter((one) => one.side === side)
      .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
      .map(({ title, severity, text, when }): readonly Cited[] => [
        { text: title },
        { text: side === 'con' ? severities[severity] : severity },
        { text, sources: citations.ofClaims(knowledge, knowledge.claimsOf(when.expression)) },
      ]),
  })
  const undecided = rubric.findings
    .filter(({ when }) => knowledge.evaluate(when.expression) === undefined)
    .map(({ title }) => title.toLowerCase())
  return [
    tableOf('pro'),
    tableOf('con'),
    ...(undecided.length === 0
      ? []
      : [paragraph(`Not known for lack of evidence: ${undecided.join('; ')}.`)]),
  ]
}

/** Criteria as bars, gates, and how far the sum can be trusted. */
export function scoreSection(evaluation: Evaluation, citations: Citations): readonly Block[] {
  const { card, knowledge } = evaluation
  const total =
    card.total === null
      ? 'Nothing is known, so there is no score.'
      : `Weighted score: **${card.totalText} of 10** (${card.total.toFixed(2)}), over ` +
        `${Math.round(card.coverage * 1_000) / 10} % of the weight; between ` +
        `${card.low.toFixed(2)} and ${card.high.toFixed(2)} if all were known. ` +
        `Verdict: **${card.verdict}**, bound by ${card.boundBy}.`
  const bars = card.criteria.map((one) => ({
    label: `${one.name} ${one.weight} %`,
    score: one.score,
    low: one.low,
    high: one.high,
    details: one.parts.map((part): Cited => {
      const score = part.score === null ? '?' : part.score.toFixed(1)
      const claims = part.evidence.map(({ claim }) => claim)
      return {
        text: `${part.question} ${score}: ${part.means}`,
        sources: citations.ofClaims(knowledge, claims),
      }
    }),
  }))
  const gates = card.gates.map((gate): readonly Cited[] => [
    { text: gate.title },
    { text: gate.outcome },
    { text: gate.effect === 'forbids' ? 'NOT READY' : 'CONDITIONAL' },
    {
      text: gate.outcome === 'held' ? '' : gate.explanation,
      sources: citations.ofClaims(knowledge, gate.claims),
    },
  ])
  return [
    paragraph(total),
    { kind: 'bars', bars },
    paragraph('Gates stand before the sum:'),
    { kind: 'table', head: ['gate', 'outcome', 'if it fails', 'why'], rows: gates },
    ...sensitivity(evaluation),
  ]
}

function sensitivity({ card }: Evaluation): readonly Block[] {
  const found = card.sensitivity
  if (found === null) return []
  const share = (opinion: string) => {
    const keeps = found.robustness.find((one) => one.opinion === opinion)?.keeps ?? 0
    return `${Math.round(keeps * 1_000) / 10} %`
  }
  const flips = found.flips.flatMap(({ criterion, weight, score }) => [
    ...(weight === null ? [] : [`${criterion} with a weight of ${weight} %`]),
    ...(score === null ? [] : [`${criterion} with a score of ${score}`]),
  ])
  const edge = found.threshold.toFixed(1)
  const flipText =
    flips.length === 0
      ? `No single weight or score brings it to ${edge}.`
      : `Alone, each of these would bring it to ${edge}: ${flips.join('; ')}.`
  return [
    paragraph(
      `The sum stays in its band in ${share('near')} of the weightings near the profile, in ` +
        `${share('unsure')} of those of someone unsure of it, and in ${share('any')} of all ` +
        `(${found.word}). ${flipText}`,
    ),
  ]
}

/** Each criterion met, not met or unknown, with what says so. */
export function reconsideration(
  { rubric, knowledge }: Evaluation,
  citations: Citations,
): readonly Block[] {
  const rows = rubric.reconsider.map(({ title, met }): readonly Cited[] => {
    const answer = knowledge.evaluate(met.expression)
    const claims = knowledge.claimsOf(met.expression)
    const sentences = claims.flatMap((name) => {
      const row = knowledge.rowOf(name)
      const claim = rubric.claims.get(name)
      return row === undefined || claim === undefined ? [] : (sentenceOf(claim, row.value) ?? [])
    })
    const outcome = answer === undefined ? 'unknown' : answer === true ? 'met' : 'not met'
    const sources = citations.ofClaims(knowledge, claims)
    return [{ text: title }, { text: outcome }, { text: sentences.join(' '), sources }]
  })
  return [{ kind: 'table', head: ['criterion', 'today', 'because'], rows }]
}
