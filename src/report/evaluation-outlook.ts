import { differenceOf } from '../judgement/score/difference.ts'
import type { Candidate, Evaluation } from '../judgement/score/evaluation.ts'
import type { Citations, Section } from './citations.ts'
import { type Block, type Cited, paragraph } from './document.ts'
import { proseOf, valueText } from './evaluation-prose.ts'

/** A list from the section's own sentences. */
export function migrationAndRisks(section: string, ordered: boolean): Section {
  return (evaluation, citations) => {
    const items = proseOf(section, evaluation, citations)
    return items.length === 0 ? [] : [{ kind: 'list', ordered, items }]
  }
}

const compared: readonly (readonly [claim: string, title: string])[] = [
  ['version.latest', 'version'],
  ['version.latestDate', 'released'],
  ['api.promise', 'API'],
  ['tests.simulation', 'simulation'],
  ['tests.selfJepsen', 'own Jepsen'],
  ['tests.formalSpec', 'specification'],
  ['safety.openReproduced', 'open safety bugs'],
  ['feature.multiRaft', 'many groups'],
  ['feature.drive', 'driven by'],
  ['community.absenceFactor12Months', 'carried by'],
  ['licence', 'licence'],
]

/** All candidates in one table each way: verdicts, then what they rest on. */
export function alternatives(evaluation: Evaluation, citations: Citations): readonly Block[] {
  const all: readonly Candidate[] = [evaluation, ...evaluation.alternatives]
  const verdicts = all.map(({ set, card }): readonly Cited[] => [
    { text: set.title },
    { text: card.verdict },
    { text: card.total === null ? 'n/a' : card.total.toFixed(2) },
    { text: `${card.low.toFixed(2)}–${card.high.toFixed(2)}` },
    { text: `${Math.round(card.coverage * 100)} %` },
  ])
  const facts = compared.map(([claim, title]): readonly Cited[] => [
    { text: title },
    ...all.map(({ knowledge }): Cited => {
      const row = knowledge.rowOf(claim)
      if (row === undefined) return { text: '?' }
      return { text: valueText(row.value), sources: citations.ofClaims(knowledge, [claim]) }
    }),
  ])
  return [
    {
      kind: 'table',
      head: ['', 'verdict', 'score', 'if all were known', 'known'],
      rows: verdicts,
    },
    paragraph('Scores over different shares of the weight are not to be ranked.'),
    { kind: 'table', head: ['', ...all.map(({ set }) => set.title)], rows: facts },
  ]
}

/** Phases, their sum, and the range that an author gave, where there is one. */
export function effort(evaluation: Evaluation, citations: Citations): readonly Block[] {
  const { effort: found, knowledge, earlier } = evaluation
  const rows = found.phases.map((phase): readonly Cited[] => [
    { text: `**${phase.name}**: ${phase.tasks.join('; ')}` },
    { text: weeksText(phase.weeks) },
    { text: phase.deliverable },
    { text: phase.because.join('; '), sources: citations.ofClaims(knowledge, phase.claims) },
  ])
  const { sum, p50, p80, authorRange } = found
  const spread =
    sum.low === sum.high
      ? ''
      : ` Drawn together, half of the outcomes stay below ${p50.toFixed(1)} weeks and four of ` +
        `five below ${p80.toFixed(1)}.`
  const range = authorRange === undefined ? '' : ` The author of the estimate gives ${authorRange}.`
  const before = earlier?.effort
  const past =
    before === undefined
      ? ''
      : ` The evaluation of ${earlier?.card.asOf} had phases of ${weeksText(before.sum)} together` +
        `${before.authorRange === undefined ? '.' : ` and gave ${before.authorRange}.`}`
  return [
    paragraph('Weeks of one developer who knows the language and the host.'),
    { kind: 'table', head: ['phase', 'weeks', 'ends with', 'longer because'], rows },
    paragraph(`The phases sum to **${weeksText(sum)}**.${spread}${range}${past}`),
  ]
}

function weeksText({ low, likely, high }: { low: number; likely: number; high: number }): string {
  return low === high ? `${likely} weeks` : `${low}–${high} weeks, most likely ${likely}`
}

/** What an earlier evaluation said, what was found since, and what that did to the score. */
export function changes(evaluation: Evaluation, citations: Citations): readonly Block[] {
  const { earlier, card } = evaluation
  if (earlier === undefined)
    return [paragraph('There is no earlier evaluation to hold this against.')]
  const rows = earlier.corrections.map((one): readonly Cited[] => {
    const { said, finding, verdict, source, lookedAt } = one
    const number = citations.ofSource({ source, kind: 'document', factDate: lookedAt, lookedAt })
    return [{ text: said }, { text: verdict }, { text: finding, sources: [number] }]
  })
  const difference = differenceOf(earlier.card, card)
  const scores = difference.criteria.map((one): readonly Cited[] => [
    { text: one.criterion },
    { text: one.from === null ? '?' : one.from.toFixed(1) },
    { text: one.to === null ? '?' : one.to.toFixed(1) },
  ])
  const total = (of: Candidate['card']) => (of.total === null ? 'n/a' : of.total.toFixed(2))
  return [
    paragraph(
      `The evaluation of ${earlier.card.asOf} gave ${total(earlier.card)} and ` +
        `${earlier.card.verdict}; today’s evidence gives ${total(card)} and ${card.verdict}. ` +
        'What it said, and what looking again has found:',
    ),
    { kind: 'table', head: ['it said', 'that is', 'because'], rows },
    paragraph('What it judged, and what the anchored scales give today:'),
    { kind: 'table', head: ['criterion', 'then', 'now'], rows: scores },
  ]
}
