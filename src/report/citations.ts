import type { Evaluation } from '../judgement/score/evaluation.ts'
import type { Evidence } from '../judgement/score/evidence.ts'
import type { Knowledge } from '../judgement/score/knowledge.ts'
import type { Block, Source } from './document.ts'

/** A part of a document: blocks from the evaluation, citing as it goes. */
export type Section = (evaluation: Evaluation, citations: Citations) => readonly Block[]

/** Numbers sources as they are cited, each once. */
export class Citations {
  readonly #numbers = new Map<string, Source>()

  /** The numbers of the rows that count for these claims. */
  ofClaims(knowledge: Knowledge, claims: readonly string[]): readonly number[] {
    const rows = claims.flatMap((claim) => knowledge.rowOf(claim) ?? [])
    return [...new Set(rows.map((row) => this.#ofRow(row)))].sort((a, b) => a - b)
  }

  ofSource(row: Omit<Source, 'number'>): number {
    const key = JSON.stringify([row.source, row.kind, row.factDate, row.lookedAt])
    const known = this.#numbers.get(key)
    if (known !== undefined) return known.number
    const number = this.#numbers.size + 1
    this.#numbers.set(key, { number, ...row })
    return number
  }

  all(): readonly Source[] {
    return [...this.#numbers.values()]
  }

  #ofRow({ source, kind, factDate, lookedAt, note }: Evidence): number {
    const text = note === '' ? source : `${source}: ${note}`
    return this.ofSource({ source: text, kind, factDate, lookedAt })
  }
}
