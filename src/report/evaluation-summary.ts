import type { Candidate, Evaluation } from '../judgement/score/evaluation.ts'
import type { Citations } from './citations.ts'
import { type Block, type Cited, paragraph } from './document.ts'

/** The recommendation first, what decided it, what is open, and what else there is. */
export function summary(evaluation: Evaluation, citations: Citations): readonly Block[] {
  const { card, set } = evaluation
  const total =
    card.total === null
      ? 'nothing is known yet'
      : `${card.totalText} of 10 over ${percent(card.coverage)} of the weight`
  return [
    paragraph(`**${recommendation(card.verdict, set.title)}** ${card.verdict}, ${total}.`),
    ...objections(evaluation, citations),
    ...unknowns(evaluation),
    ...extremes(evaluation),
    ...others(evaluation),
    ...secondLook(evaluation),
  ]
}

function recommendation(verdict: string, title: string): string {
  if (verdict === 'READY') return `${title} can carry this log.`
  if (verdict === 'CONDITIONAL') {
    return `Take ${title} only once the open points below are answered.`
  }
  return `Do not build this log on ${title} now.`
}

function extremes({ card }: Evaluation): readonly Block[] {
  if (card.best === null || card.worst === null) return []
  const { best, worst } = card
  return [
    paragraph(
      `Its strongest side is ${nameOf(card, best.criterion)} (${best.score.toFixed(1)}: ` +
        `${best.reason}), its weakest ${nameOf(card, worst.criterion)} ` +
        `(${worst.score.toFixed(1)}: ${worst.reason}).`,
    ),
  ]
}

const nameOf = (card: Evaluation['card'], id: string): string =>
  (card.criteria.find(({ criterion }) => criterion === id)?.name ?? id).toLowerCase()

/** What failed, each with its sources; then what the figures lack. */
function objections({ card, knowledge }: Evaluation, citations: Citations): readonly Block[] {
  const failed = card.gates
    .filter(({ outcome }) => outcome === 'failed')
    .map(
      ({ explanation, claims }): Cited => ({
        text: explanation,
        sources: citations.ofClaims(knowledge, claims),
      }),
    )
  const said = new Set(failed.map(({ text }) => text))
  const open = card.gates.filter(({ outcome }) => outcome === 'unknown')
  const figures = card.reasons
    .filter((reason) => !said.has(reason) && !open.some(({ title }) => reason.includes(title)))
    .map((text): Cited => ({ text }))
  const items = [...failed, ...figures]
  if (items.length === 0) return []
  return [paragraph('What stands against it:'), { kind: 'list', ordered: true, items }]
}

/** Neither for it nor against it, and how to find out. */
function unknowns({ card, rubric, set }: Evaluation): readonly Block[] {
  const open = card.gates.filter(({ outcome }) => outcome === 'unknown')
  if (open.length === 0) return []
  const commands = open
    .flatMap(({ claims }) => claims)
    .flatMap((name) => rubric.claims.get(name)?.measuredBy?.replaceAll('{raft}', set.raft) ?? [])
  const distinct = [...new Set(commands)].map((command) => `\`${command}\``)
  const how = distinct.length === 0 ? '' : ` To find out: ${distinct.join(', ')}.`
  const titles = open.map(({ title }) => `“${title}”`).join(', ')
  return [paragraph(`Not known, and held neither for it nor against it: ${titles}.${how}`)]
}

/** By verdict alone: totals over different shares of the weight are not ranked. */
function others({ alternatives }: Evaluation): readonly Block[] {
  if (alternatives.length === 0) return []
  const named = (verdict: string) =>
    alternatives.filter(({ card }) => card.verdict === verdict).map(candidateText)
  const [ready, conditional] = [named('READY'), named('CONDITIONAL')]
  const first =
    ready.length === 0
      ? `Of ${alternatives.length} alternatives none is READY for this purpose today.`
      : `READY for this purpose today: ${ready.join(', ')}.`
  const second =
    conditional.length === 0 ? '' : ` CONDITIONAL, with questions open: ${conditional.join(', ')}.`
  return [paragraph(first + second)]
}

function candidateText({ set, card }: Candidate): string {
  const total = card.total === null ? 'no score' : card.total.toFixed(2)
  return `${set.title} (${total}, ${percent(card.coverage)} known)`
}

function secondLook({ card, rubric, knowledge }: Evaluation): readonly Block[] {
  if (card.verdict === 'READY') return []
  const unmet = rubric.reconsider
    .filter(({ met }) => knowledge.evaluate(met.expression) === false)
    .map(({ title }) => title.charAt(0).toLowerCase() + title.slice(1))
  if (unmet.length === 0) return []
  return [paragraph(`It is worth another look when one of these comes true: ${unmet.join('; ')}.`)]
}

const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`
