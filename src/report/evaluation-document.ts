import type { Evaluation } from '../judgement/score/evaluation.ts'
import { Citations, type Section } from './citations.ts'
import { type Block, heading, paragraph } from './document.ts'
import { alternatives, changes, effort, migrationAndRisks } from './evaluation-outlook.ts'
import { proseOf } from './evaluation-prose.ts'
import { findings, reconsideration, scoreSection } from './evaluation-score.ts'
import { summary } from './evaluation-summary.ts'
import { benchmarks, features, releases, users } from './evaluation-tables.ts'

/** In the order of the hand-written evaluation that this document descends from. */
const sections: readonly {
  readonly id: string
  readonly title: string
  readonly prose?: true
  readonly more?: Section
}[] = [
  { id: 'summary', title: 'Summary and recommendation', more: summary },
  { id: 'overview', title: 'The library', prose: true },
  { id: 'features', title: 'Features', more: features },
  { id: 'integration', title: 'Architecture and integration', prose: true, more: codeOf },
  { id: 'snapshots', title: 'Snapshots', prose: true },
  { id: 'membership', title: 'Membership changes', prose: true },
  { id: 'reads', title: 'Reads', prose: true },
  { id: 'multi-raft', title: 'Many groups', prose: true },
  { id: 'double-wal', title: 'One log or two', prose: true },
  { id: 'tiered-storage', title: 'Tiered storage', prose: true },
  { id: 'performance', title: 'Performance', prose: true, more: benchmarks },
  { id: 'testing', title: 'How it has been tested', prose: true },
  { id: 'production', title: 'Use in production', prose: true, more: users },
  { id: 'alternatives', title: 'Alternatives side by side', more: alternatives },
  { id: 'api', title: 'API stability and releases', prose: true, more: releases },
  { id: 'dependencies', title: 'Dependencies', prose: true },
  { id: 'learning', title: 'Learning curve', prose: true },
  { id: 'findings', title: 'Pros and cons', more: findings },
  { id: 'score', title: 'Weighted score', more: scoreSection },
  { id: 'risks', title: 'Risks', more: migrationAndRisks('risks', false) },
  { id: 'migration', title: 'Migration', more: migrationAndRisks('migration', true) },
  { id: 'effort', title: 'Effort', more: effort },
  { id: 'reconsider', title: 'What would change the verdict', more: reconsideration },
  { id: 'changes', title: 'What has changed since the last evaluation', more: changes },
  { id: 'method', title: 'Method and sources', more: method },
]

/** The whole evaluation, from the summary to the sources. */
export function evaluationDocument(evaluation: Evaluation): readonly Block[] {
  const { set, card, profile } = evaluation
  const citations = new Citations()
  const blocks = sections.flatMap(({ id, title, prose, more }): readonly Block[] => {
    const text = prose === true ? proseOf(id, evaluation, citations) : []
    const body = [
      ...text.map((content): Block => ({ kind: 'paragraph', content })),
      ...(more?.(evaluation, citations) ?? []),
    ]
    const shown = body.length > 0 ? body : [paragraph('Nothing is known about this yet.')]
    return [heading(2, id, title), ...shown]
  })
  return [
    heading(1, 'top', `${set.title}: an evaluation`),
    paragraph(
      `For ${profile.for}. Profile \`${profile.name}\`, as of ${card.asOf}. ` +
        `Repository: ${set.repository}`,
    ),
    ...blocks,
    { kind: 'sources', sources: citations.all() },
  ]
}

function codeOf({ code }: Evaluation, citations: Citations): readonly Block[] {
  return code.flatMap(({ title, source, lookedAt, language, text }): readonly Block[] => {
    const number = citations.ofSource({ source, kind: 'document', factDate: lookedAt, lookedAt })
    return [
      paragraph(`${title}: a sketch of the host’s side.`, [number]),
      { kind: 'code', language, text },
    ]
  })
}

function method({ card, rubric }: Evaluation): readonly Block[] {
  const known = card.criteria.flatMap(({ parts }) => parts).length
  return [
    paragraph(
      `The score is a weighted sum of ${rubric.criteria.length} criteria in ${known} parts. Each ` +
        'part has an anchored scale whose steps are conditions over evidence; a step that the ' +
        'evidence does not decide leaves the part unknown, and what is unknown is left out of ' +
        'the sum and shown as a range, never counted as zero or ten. Gates and floors come ' +
        'before the sum. The rules are data under `scorecards/`; `raftmark explain` walks from ' +
        'the total to each source.',
    ),
    paragraph(
      'Every statement above that carries a number in brackets rests on the source of that ' +
        'number. Sources have the date of the fact and the date of the look; evidence that is ' +
        'too old counts as unknown.',
    ),
  ]
}
