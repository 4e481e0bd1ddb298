import { join } from 'node:path'
import { type Placed, refuseCycles, typeOf } from '../judgement/score/check-expression.ts'
import { namesIn, type ValueType } from '../judgement/score/expression.ts'
import { parseExpression } from '../judgement/score/parse-expression.ts'
import type { Claim, Rubric, Severity, Weeks } from '../judgement/score/rubric.ts'
import {
  placedExpression,
  readScorecardFile,
  refusal,
  type ScorecardFile,
  scorecardsFolder,
} from './scorecard-files.ts'

type Vocabulary = ReadonlyMap<string, ValueType>

/**
 * Reads all files of a rubric. Rejects with `scorecard-invalid`, file and line: for a broken
 * schema, shares that do not sum to 100, unknown names in an expression, definitions in a circle.
 */
export async function readRubric(folder = scorecardsFolder): Promise<Rubric> {
  const { claims, definitions, vocabulary } = await readClaims(folder)
  const [criteria, gates, findings, features, phases, reconsider, paragraphs] = await Promise.all([
    readCriteria(folder, vocabulary),
    readGates(folder, vocabulary),
    readFindings(folder, vocabulary),
    readFeatures(folder, vocabulary),
    readPhases(folder, vocabulary),
    readReconsiderations(folder, vocabulary),
    readParagraphs(folder, vocabulary),
  ])
  return {
    claims,
    definitions,
    ...criteria,
    gates,
    findings,
    features,
    phases,
    reconsider,
    paragraphs,
  }
}

async function readClaims(folder: string) {
  type File = {
    readonly claims: Readonly<Record<string, Omit<Claim, 'name'>>>
    readonly definitions?: Readonly<Record<string, string>>
  }
  const { content, file } = await readScorecardFile<File>(join(folder, 'claims.yaml'), 'claims')
  const claims = new Map(
    Object.entries(content.claims).map(([name, claim]) => [name, { name, ...claim }]),
  )
  const placed = new Map<string, Placed>()
  for (const [name, text] of Object.entries(content.definitions ?? {})) {
    const place = file.placeOf(['definitions', name])
    placed.set(name, { expression: parseExpression(text, place), place })
  }
  refuseCycles(placed)
  const vocabulary = new Map([...claims].map(([name, { type }]) => [name, type]))
  const definitions = new Map<string, Placed & { readonly type: ValueType }>()
  // A definition may use those above it; without cycles every order but the wrong one ends.
  for (const name of inOrderOfUse(placed)) {
    const one = placed.get(name) as Placed
    const type = typeOf(one, vocabulary)
    vocabulary.set(name, type)
    definitions.set(name, { ...one, type })
  }
  return { claims, definitions, vocabulary }
}

function inOrderOfUse(placed: ReadonlyMap<string, Placed>): readonly string[] {
  const ordered = new Set<string>()
  const add = (name: string): void => {
    const one = placed.get(name)
    if (one === undefined || ordered.has(name)) return
    for (const used of namesUnder(one)) add(used)
    ordered.add(name)
  }
  for (const name of placed.keys()) add(name)
  return [...ordered]
}

const namesUnder = ({ expression }: Placed): readonly string[] => namesIn(expression)

async function readCriteria(
  folder: string,
  vocabulary: Vocabulary,
): Promise<Pick<Rubric, 'criteria' | 'caps'>> {
  const read = await readScorecardFile<CriteriaFile>(join(folder, 'criteria.yaml'), 'criteria')
  const criteria = read.content.criteria.map((criterion, at) => {
    const keys = ['criteria', String(at), 'parts']
    const sum = criterion.parts.reduce((total, { share }) => total + Math.round(share * 100), 0)
    if (sum !== 10_000) {
      throw refusal(read.file, keys, `The parts of ${criterion.id} sum to ${sum / 100} %, not 100.`)
    }
    const parts = criterion.parts.map((part, index) => ({
      id: part.id,
      question: part.question,
      share: Math.round(part.share * 100),
      rungs: rungsOf(read, [...keys, String(index), 'rungs'], part.rungs, vocabulary),
      otherwise: { tenths: tenthsOf(part.otherwise.score), means: part.otherwise.means },
    }))
    return { ...criterion, parts }
  })
  const known = new Set(criteria.map(({ id }) => id))
  const caps = read.content.caps.map(({ criterion, at, when, because }, index) => {
    const keys = ['caps', String(index)]
    if (!known.has(criterion)) throw refusal(read.file, keys, `${criterion} is no criterion.`)
    const placed = placedExpression(read.file, [...keys, 'when'], when, vocabulary)
    return { criterion, tenths: tenthsOf(at), when: placed, because }
  })
  return { criteria, caps }
}

type Scored = { readonly score: number; readonly means: string }

type CriteriaFile = {
  readonly criteria: readonly {
    readonly id: string
    readonly name: string
    readonly question: string
    readonly parts: readonly {
      readonly id: string
      readonly question: string
      readonly share: number
      readonly rungs: readonly (Scored & { readonly when: string })[]
      readonly otherwise: Scored
    }[]
  }[]
  readonly caps: readonly {
    readonly criterion: string
    readonly at: number
    readonly when: string
    readonly because: string
  }[]
}

function rungsOf(
  { file }: ScorecardFile<unknown>,
  keys: readonly string[],
  rungs: CriteriaFile['criteria'][number]['parts'][number]['rungs'],
  vocabulary: Vocabulary,
) {
  return rungs.map(({ score, when, means }, at) => {
    const own = [...keys, String(at)]
    if (at > 0 && score >= (rungs[at - 1]?.score ?? 10)) {
      throw refusal(file, own, 'The rungs must descend, best first.')
    }
    const placed = placedExpression(file, [...own, 'when'], when, vocabulary)
    return { tenths: tenthsOf(score), when: placed, means }
  })
}

async function readGates(folder: string, vocabulary: Vocabulary) {
  type Raw = { id: string; title: string; passes: string; failing: string }
  return readList<'gates', Raw, Rubric['gates'][number]>(
    folder,
    'gates',
    (raw, place) => ({
      ...raw,
      passes: place('passes', raw.passes),
    }),
    vocabulary,
  )
}

async function readFindings(folder: string, vocabulary: Vocabulary) {
  type Raw = {
    id: string
    side: 'pro' | 'con'
    severity: Severity
    when: string
    title: string
    text: string
  }
  return readList<'findings', Raw, Rubric['findings'][number]>(
    folder,
    'findings',
    (raw, place) => ({
      ...raw,
      when: place('when', raw.when),
    }),
    vocabulary,
  )
}

async function readFeatures(folder: string, vocabulary: Vocabulary) {
  type Raw = {
    id: string
    section: string
    title: string
    rungs: readonly { stars: number; when: string; means: string }[]
  }
  return readList<'features', Raw, Rubric['features'][number]>(
    folder,
    'features',
    (raw, place) => ({
      ...raw,
      rungs: raw.rungs.map((rung, at) => ({
        ...rung,
        when: place(`rungs.${at}.when`, rung.when),
      })),
    }),
    vocabulary,
  )
}

type RawWeeks = readonly [number, number, number]

async function readPhases(folder: string, vocabulary: Vocabulary) {
  type Raw = {
    id: string
    name: string
    deliverable: string
    tasks: readonly string[]
    weeks: RawWeeks
    drivers: readonly { when: string; add: RawWeeks; because: string }[]
  }
  return readList<'phases', Raw, Rubric['phases'][number]>(
    folder,
    'phases',
    (raw, place) => ({
      ...raw,
      weeks: weeksOf(raw.weeks),
      drivers: raw.drivers.map((driver, at) => ({
        ...driver,
        add: weeksOf(driver.add),
        when: place(`drivers.${at}.when`, driver.when),
      })),
    }),
    vocabulary,
  )
}

const weeksOf = ([low, likely, high]: RawWeeks): Weeks => ({ low, likely, high })

async function readReconsiderations(folder: string, vocabulary: Vocabulary) {
  type Raw = { id: string; title: string; met: string }
  return readList<'reconsider', Raw, Rubric['reconsider'][number]>(
    folder,
    'reconsider',
    (raw, place) => ({ ...raw, met: place('met', raw.met) }),
    vocabulary,
  )
}

async function readParagraphs(folder: string, vocabulary: Vocabulary) {
  type Raw = { section: string; when: string; text: string }
  return readList<'paragraphs', Raw, Rubric['paragraphs'][number]>(
    folder,
    'paragraphs',
    (raw, place) => {
      for (const [, claim = ''] of raw.text.matchAll(/\{([^}!]+)!?\}/g))
        place('text', `known(${claim})`)
      return { ...raw, when: place('when', raw.when) }
    },
    vocabulary,
  )
}

/** The file and the schema's definition of each list, by the list's key. */
const listFiles = {
  gates: 'gates',
  findings: 'findings',
  features: 'features',
  phases: 'effort',
  reconsider: 'reconsider',
  paragraphs: 'document',
} as const

type Place = (key: string, text: string) => Placed

async function readList<Key extends keyof typeof listFiles, Raw, Item>(
  folder: string,
  key: Key,
  make: (raw: Raw, place: Place) => Item,
  vocabulary: Vocabulary,
): Promise<readonly Item[]> {
  const name = listFiles[key]
  const path = join(folder, `${name}.yaml`)
  const { content, file } = await readScorecardFile<Record<Key, readonly Raw[]>>(path, name)
  return content[key].map((raw, at) =>
    make(raw, (inside, text) =>
      placedExpression(file, [key, String(at), ...inside.split('.')], text, vocabulary),
    ),
  )
}

const tenthsOf = (score: number): number => Math.round(score * 10)
