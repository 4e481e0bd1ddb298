import type { Evaluation } from '../judgement/score/evaluation.ts'
import type { Value } from '../judgement/score/expression.ts'
import { sentenceOf } from '../judgement/score/rubric.ts'
import type { Citations } from './citations.ts'
import type { Cited } from './document.ts'
import { quantity } from './quantity.ts'

/**
 * The paragraphs of one section whose condition holds. A sentence whose claim is unknown is left
 * out; a paragraph that names an unknown value, or of which nothing is left, is too.
 */
export function proseOf(
  section: string,
  evaluation: Evaluation,
  citations: Citations,
): readonly Cited[] {
  const { rubric, knowledge } = evaluation
  return rubric.paragraphs
    .filter((one) => one.section === section)
    .filter(({ when }) => knowledge.evaluate(when.expression) === true)
    .flatMap(({ when, text }) => {
      const filled = fill(text, evaluation)
      if (filled === undefined) return []
      const claims = [...knowledge.claimsOf(when.expression), ...filled.claims]
      return [{ text: filled.text, sources: citations.ofClaims(knowledge, claims) }]
    })
}

function fill(
  text: string,
  { rubric, knowledge }: Evaluation,
): { readonly text: string; readonly claims: readonly string[] } | undefined {
  const claims: string[] = []
  let lacks = false
  const filled = text.replace(/\{([^}!]+)(!?)\}/g, (_, name: string, isSentence: string) => {
    const row = knowledge.rowOf(name)
    const claim = rubric.claims.get(name)
    if (row === undefined || claim === undefined) {
      lacks ||= isSentence === ''
      return ''
    }
    claims.push(name)
    const value = valueText(row.value)
    return isSentence === '' ? value : (sentenceOf(claim, row.value, value) ?? '')
  })
  const tidy = filled.replace(/ +/g, ' ').trim()
  return lacks || tidy === '' ? undefined : { text: tidy, claims }
}

/** Numbers grouped; versions, dates and words as they are. */
export function valueText(value: Value): string {
  if (typeof value === 'number') return Number.isInteger(value) ? grouped(value) : quantity(value)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return value
}

const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',')
