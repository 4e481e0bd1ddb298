import { join } from 'node:path'
import { estimateEffort } from '../judgement/score/effort.ts'
import type { Candidate, Correction, Evaluation, SystemUse } from '../judgement/score/evaluation.ts'
import type { EvidenceSet } from '../judgement/score/evidence.ts'
import { createKnowledge } from '../judgement/score/knowledge.ts'
import { makeScorecard } from '../judgement/score/scorecard.ts'
import { documentAsMarkdown } from '../report/document-markdown.ts'
import { evaluationDocument } from '../report/evaluation-document.ts'
import { documentAsHtml } from '../report/html/document-page.ts'
import { openScorecards, type ScorecardRequest, type Scorecards } from './open-scorecards.ts'
import { EvidenceLibrary } from './read-evidence.ts'
import { readScorecardFile, scorecardsFolder } from './scorecard-files.ts'

export type EvaluationFormat = 'markdown' | 'html'

/** Writes the evaluation of a Raft, with all others that have evidence as its alternatives. */
export async function evaluateRaft(
  raft: string,
  request: ScorecardRequest & { readonly format: EvaluationFormat },
): Promise<string> {
  const evaluation = await collectEvaluation(raft, request)
  const blocks = evaluationDocument(evaluation)
  return request.format === 'html'
    ? documentAsHtml(`${evaluation.set.title}: an evaluation`, blocks)
    : documentAsMarkdown(blocks)
}

async function collectEvaluation(raft: string, request: ScorecardRequest): Promise<Evaluation> {
  const opened = await openScorecards(request)
  const { rubric, profile, evidence } = opened
  const set = await evidence.read(raft)
  const own = candidateOf(set, opened)
  const names = await evidence.names()
  const alternatives: Candidate[] = []
  for (const name of names.filter((other) => other !== raft)) {
    alternatives.push(candidateOf(await evidence.read(name), opened))
  }
  const earlier =
    request.evidence === undefined ? await earlierOf(raft, opened, request) : undefined
  return {
    ...own,
    rubric,
    profile,
    effort: estimateEffort(rubric, own.knowledge),
    code: set.code,
    systems: await readSystems(),
    alternatives,
    ...(earlier === undefined ? {} : { earlier }),
  }
}

function candidateOf(set: EvidenceSet, { rubric, profile, today }: Scorecards): Candidate {
  return {
    set,
    knowledge: createKnowledge(rubric, set, today),
    card: makeScorecard(rubric, profile, set, today),
  }
}

/** The hand-written evaluation that raftmark began with, if it was about this Raft. */
async function earlierOf(
  raft: string,
  opened: Scorecards,
  request: ScorecardRequest,
): Promise<Evaluation['earlier']> {
  const folder = join(scorecardsFolder, 'fixtures', 'original')
  const { rubric, today } = opened
  const library = new EvidenceLibrary(rubric, { folder, results: request.results, today })
  if (!(await library.names()).includes(raft)) return undefined
  const candidate = candidateOf(await library.read(raft), opened)
  const { content } = await readScorecardFile<{ readonly corrections: readonly Correction[] }>(
    join(folder, 'corrections.yaml'),
    'corrections',
  )
  const effort = estimateEffort(rubric, candidate.knowledge)
  return { ...candidate, corrections: content.corrections, effort }
}

async function readSystems(): Promise<readonly SystemUse[]> {
  const path = join(scorecardsFolder, 'systems.yaml')
  const { content } = await readScorecardFile<{ readonly systems: readonly SystemUse[] }>(
    path,
    'systems',
  )
  return content.systems
}
