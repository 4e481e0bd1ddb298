/** Text with the numbers of the sources that it rests on. */
export type Cited = { readonly text: string; readonly sources?: readonly number[] }

/** A document as data: written as Markdown and as HTML from the same blocks. */
export type Block =
  | {
      readonly kind: 'heading'
      readonly level: 1 | 2 | 3
      readonly id: string
      readonly text: string
    }
  | { readonly kind: 'paragraph'; readonly content: Cited }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly Cited[] }
  | {
      readonly kind: 'table'
      readonly head: readonly string[]
      readonly rows: readonly (readonly Cited[])[]
    }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  /** Scores of 0–10 with the range in which they could lie. */
  | { readonly kind: 'bars'; readonly bars: readonly Bar[] }
  | { readonly kind: 'sources'; readonly sources: readonly Source[] }

export type Bar = {
  readonly label: string
  readonly score: number | null
  readonly low: number
  readonly high: number
  /** What is shown when a reader opens it. */
  readonly details: readonly Cited[]
}

export type Source = {
  readonly number: number
  readonly source: string
  readonly kind: string
  readonly factDate: string
  readonly lookedAt: string
}

export const heading = (level: 1 | 2 | 3, id: string, text: string): Block => ({
  kind: 'heading',
  level,
  id,
  text,
})

export const paragraph = (text: string, sources: readonly number[] = []): Block => ({
  kind: 'paragraph',
  content: { text, sources },
})
