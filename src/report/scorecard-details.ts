import type { ScorecardDifference } from '../judgement/score/difference.ts'
import { COLUMNS, wrapped } from './text-table.ts'

/** A line that starts `depth` columns in; what does not fit goes two columns further. */
const item = (depth: number, text: string): string =>
  ' '.repeat(depth) + wrapped(text, ' '.repeat(depth + 2), COLUMNS - depth)

type Explained = {
  readonly raft: string
  readonly profile: string
  readonly asOf: string
  readonly total: number | null
  readonly verdict: string
  readonly criteria: readonly {
    readonly criterion: string
    readonly question: string
    readonly weight: number
    readonly score: number | null
    readonly points: number | null
    readonly capped: string | null
    readonly parts: readonly {
      readonly question: string
      readonly share: number
      readonly score: number | null
      readonly means: string
      readonly evidence: readonly {
        readonly claim: string
        readonly state: string
        readonly sentence: string
        readonly source?: string
        readonly kind?: string
        readonly factDate?: string
        readonly lookedAt?: string
        readonly note?: string
        readonly measuredBy?: string
      }[]
    }[]
  }[]
}

/** From total to criterion to evidence to source, as text of at most 80 columns. */
export function renderExplanation(explained: Explained): string {
  const total = explained.total === null ? 'n/a' : explained.total.toFixed(2)
  return [
    `${explained.raft} · profile ${explained.profile} · as of ${explained.asOf}`,
    `${explained.verdict} · total ${total}`,
    ...explained.criteria.flatMap(criterionLines),
  ].join('\n')
}

function criterionLines(one: Explained['criteria'][number]): readonly string[] {
  const score = scoreText(one.score)
  const points = one.points === null ? '' : `, ${one.points.toFixed(2)} of the total`
  return [
    '',
    `${one.criterion} · ${score} · weight ${one.weight} %${points}`,
    wrapped(one.question, ''),
    ...(one.capped === null ? [] : [item(0, `! ${one.capped}`)]),
    ...one.parts.flatMap((part) => [
      wrapped(
        `  ${part.question} ${scoreText(part.score)} (${part.share} %): ${part.means}`,
        '    ',
      ),
      ...part.evidence.flatMap(evidenceLines),
    ]),
  ]
}

function evidenceLines(row: Explained['criteria'][number]['parts'][number]['evidence'][number]) {
  const note = row.note === undefined || row.note === '' ? '' : ` (${row.note})`
  if (row.state === 'missing') {
    const how = row.measuredBy === undefined ? '' : ` Measure it with: ${row.measuredBy}`
    return [item(4, `? ${row.claim}: ${row.sentence}${how}`)]
  }
  const dates = `${row.kind}, ${row.factDate}, looked at ${row.lookedAt}`
  return [
    item(4, `${row.state === 'stale' ? '- stale: ' : '- '}${row.sentence}${note}`),
    item(6, `${row.source} [${dates}]`),
  ]
}

const scoreText = (score: number | null): string => (score === null ? '?' : score.toFixed(1))

/** Met, not met and unknown as words, with the evidence. */
export function renderReconsideration(report: {
  readonly raft: string
  readonly asOf: string
  readonly met: number
  readonly criteria: readonly {
    readonly title: string
    readonly outcome: string
    readonly evidence: readonly { readonly sentence: string; readonly source: string }[]
    readonly missing: readonly string[]
  }[]
}): string {
  const share = `${report.met} of ${report.criteria.length} criteria met`
  const head = `${report.raft}: ${share} as of ${report.asOf}`
  const lines = report.criteria.flatMap(({ title, outcome, evidence, missing }) => [
    item(0, `${outcome.padEnd(8)} ${title}`),
    ...evidence.map((row) => item(9, `${row.sentence} ${row.source}`)),
    ...(outcome === 'unknown' && missing.length > 0
      ? [item(9, `no fresh evidence for ${missing.join(', ')}`)]
      : []),
  ])
  return [head, ...lines].join('\n')
}

export function renderEvidenceCheck(report: {
  readonly rafts: readonly {
    readonly raft: string
    readonly needed: number
    readonly fresh: number
  }[]
  readonly problems: readonly {
    readonly raft: string
    readonly claim: string
    readonly kind: string
    readonly detail: string
    readonly file?: string
    readonly line?: number
    readonly measuredBy?: string
  }[]
}): string {
  const summaries = report.rafts.map(
    ({ raft, needed, fresh }) => `${raft}: ${fresh} of ${needed} claims have fresh evidence`,
  )
  const problems = report.problems.map(({ raft, claim, kind, detail, file, line, measuredBy }) => {
    const where = file === undefined ? '' : ` ${file}${line === undefined ? '' : `:${line}`}`
    const how = measuredBy === undefined ? '' : ` Measure it with: ${measuredBy}`
    return wrapped(`${kind} ${raft} ${claim}: ${detail}${where}${how}`)
  })
  return [...summaries, ...problems].join('\n')
}

export function renderDifference(difference: ScorecardDifference): string {
  const { from, to } = difference
  const side = (one: typeof from) =>
    `${one.total === null ? 'n/a' : one.total.toFixed(2)} ${one.verdict} ` +
    `(${Math.round(one.coverage * 100)} % known, ${one.asOf})`
  return [
    `${difference.raft}, profile ${difference.profile}`,
    `from ${side(from)}`,
    `to   ${side(to)}`,
    ...difference.gates.map((gate) => `gate ${gate.gate}: ${gate.from} → ${gate.to}`),
    ...difference.criteria.flatMap((one) => [
      `${one.criterion}: ${scoreText(one.from)} → ${scoreText(one.to)}`,
      ...one.evidence.map(({ claim, from: earlier, to: later, source }) =>
        item(2, `${claim}: ${earlier ?? 'unknown'} → ${later ?? 'unknown'} (${source})`),
      ),
    ]),
  ].join('\n')
}
