import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { CodeSample } from '../judgement/score/evaluation.ts'
import type { Evidence, EvidenceSet } from '../judgement/score/evidence.ts'
import type { Value } from '../judgement/score/expression.ts'
import type { Claim, Rubric } from '../judgement/score/rubric.ts'
import { packageRoot } from '../os/package-root.ts'
import { measuredEvidence } from './measured-evidence.ts'
import { didYouMean } from './nearest-name.ts'
import type { YamlFile } from './read-yaml.ts'
import { readScorecardFile, scorecardsFolder, yamlNamesIn } from './scorecard-files.ts'

export type RaftEvidence = EvidenceSet & { readonly code: readonly CodeSample[] }

/**
 * Finds evidence: in `folder` alone when one is given, else beside the adapters and under
 * `scorecards/evidence`.
 */
export class EvidenceLibrary {
  readonly #rubric: Rubric
  readonly #folder: string | undefined
  readonly #today: string
  readonly #results: string

  constructor(
    rubric: Rubric,
    options: {
      readonly folder?: string
      readonly results: string
      readonly today: string
    },
  ) {
    this.#rubric = rubric
    this.#folder = options.folder
    this.#today = options.today
    this.#results = options.results
  }

  /** The names of all Rafts with evidence, sorted. */
  async names(): Promise<readonly string[]> {
    return [...(await this.#paths()).keys()].sort()
  }

  /** Rejects with `raft-unknown`, or `evidence-invalid` with file and line. */
  async read(raft: string): Promise<RaftEvidence> {
    const paths = await this.#paths()
    const path = paths.get(raft)
    if (path === undefined) {
      throw new RaftmarkError('raft-unknown', `there is no evidence about ${raft}`, {
        nextStep: didYouMean(raft, paths.keys()),
      })
    }
    const written = await readEvidenceFile(path, this.#rubric, this.#today)
    if (this.#folder !== undefined) return written
    return { ...written, rows: [...written.rows, ...measuredEvidence(raft, this.#results)] }
  }

  async #paths(): Promise<ReadonlyMap<string, string>> {
    const folder = this.#folder
    if (folder !== undefined) return evidenceIn(folder)
    const paths = new Map(await evidenceIn(join(scorecardsFolder, 'evidence')))
    const adapters = join(packageRoot, 'adapters', 'raft')
    for (const name of await readdir(adapters).catch(() => [])) {
      const path = join(adapters, name, 'evidence.yaml')
      if (!existsSync(path)) continue
      const other = paths.get(name)
      if (other !== undefined) {
        throw new RaftmarkError('evidence-invalid', `${name} has evidence in two files`, {
          nextStep: `Move what ${other} holds to ${path}.`,
          place: { file: path },
        })
      }
      paths.set(name, path)
    }
    return paths
  }
}

async function evidenceIn(folder: string): Promise<ReadonlyMap<string, string>> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new RaftmarkError('directory-unusable', `${folder} is no folder of evidence`, {
      nextStep: 'Name a folder with one RAFT.yaml for each Raft.',
      place: { file: folder },
    })
  }
  const names = (await yamlNamesIn(folder)).filter((name) => name !== 'corrections')
  return new Map(names.map((name) => [name, join(folder, `${name}.yaml`)]))
}

type Row = Omit<Evidence, 'place' | 'staleAfter'> & { readonly staleAfter?: string }

type EvidenceFile = Omit<EvidenceSet, 'rows'> & {
  readonly evidence: readonly Row[]
  readonly code: readonly CodeSample[]
}

/** `today` is the day after which no date may lie. */
export async function readEvidenceFile(
  path: string,
  rubric: Rubric,
  today: string,
): Promise<RaftEvidence> {
  const read = await readScorecardFile<EvidenceFile>(path, 'evidence', 'evidence-invalid')
  const { evidence, ...rest } = read.content
  const rows = evidence.map((row, at): Evidence => {
    const keys = ['evidence', String(at)]
    const claim = checkRow(row, read.file, keys, rubric, today)
    const staleAfter = row.staleAfter ?? plusDays(row.lookedAt, claim.freshDays)
    return { ...row, staleAfter, place: read.file.placeOf(keys) }
  })
  return { ...rest, rows }
}

function checkRow(
  row: Row,
  file: YamlFile,
  keys: readonly string[],
  rubric: Rubric,
  today: string,
): Claim {
  const refuse = (key: string, message: string, nextStep: string): never => {
    throw new RaftmarkError('evidence-invalid', message, {
      nextStep,
      place: file.placeOf([...keys, key]),
    })
  }
  const claim =
    rubric.claims.get(row.claim) ??
    refuse('claim', `${row.claim} is no claim.`, didYouMean(row.claim, rubric.claims.keys()))
  for (const key of ['factDate', 'lookedAt'] as const) {
    if (!isDate(row[key])) refuse(key, `${row[key]} is no date.`, 'Write it like 2026-11-22.')
    if (row[key] > today) {
      refuse(key, `${key} ${row[key]} lies in the future of ${today}.`, 'Correct the date.')
    }
  }
  if (row.factDate > row.lookedAt) {
    refuse('lookedAt', 'It was looked at before it became so.', 'Correct one of the dates.')
  }
  if (!hasType(row.value, claim)) {
    const values = claim.values
    const wanted = values === undefined ? `a ${claim.type}` : `one of ${values.join(', ')}`
    refuse('value', `${row.claim} cannot be ${JSON.stringify(row.value)}.`, `Write ${wanted}.`)
  }
  return claim
}

function hasType(value: Value, claim: Claim): boolean {
  if (claim.values !== undefined) return claim.values.includes(String(value))
  switch (claim.type) {
    case 'boolean':
    case 'number':
      return typeof value === claim.type
    case 'date':
      return typeof value === 'string' && isDate(value)
    case 'version':
      return typeof value === 'string' && /^v?\d+(\.\d+)*(-[0-9A-Za-z.-]+)?$/.test(value)
    default:
      return typeof value === 'string'
  }
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function plusDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10)
}
