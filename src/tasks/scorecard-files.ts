import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ErrorCode, RaftmarkError } from '../base/errors.ts'
import { type Placed, typeOf, type Vocabulary } from '../judgement/score/check-expression.ts'
import type { ValueType } from '../judgement/score/expression.ts'
import { parseExpression } from '../judgement/score/parse-expression.ts'
import { packageRoot } from '../os/package-root.ts'
import { isObject, parseYaml, type YamlFile } from './read-yaml.ts'
import { createSchemaCheck, type SchemaCheck } from './schema-check.ts'

/** The folder of the rubric, the profiles and the evidence that raftmark ships. */
export const scorecardsFolder = join(packageRoot, 'scorecards')

/** A file of `scorecards/` that kept its schema, and how to say where something in it stands. */
export type ScorecardFile<T> = { readonly content: T; readonly file: YamlFile }

/** Compiled once for each kind of file: it takes longer than reading it. */
const checks = new Map<string, SchemaCheck>()

/** Reads a file and holds it to one definition of scorecards.schema.json. */
export async function readScorecardFile<T>(
  path: string,
  definition: string,
  code: ErrorCode = 'scorecard-invalid',
): Promise<ScorecardFile<T>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RaftmarkError(code, `${path} cannot be read.`, {
      nextStep: 'Check the path.',
      place: { file: path },
      cause,
    })
  })
  const file = parseYaml(path, text, code)
  const key = `${definition} ${code}`
  const check = checks.get(key) ?? (await compileCheck(definition, code))
  checks.set(key, check)
  return { content: check(file) as T, file }
}

/** The names of the YAML files in a folder, without their ending, sorted; none if it is missing. */
export async function yamlNamesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort()
}

/** Reads the expression at `keys` and makes sure that its value is of the wanted type. */
export function placedExpression(
  file: YamlFile,
  keys: readonly string[],
  text: string,
  vocabulary: Vocabulary,
  wanted: ValueType = 'boolean',
): Placed {
  const place = file.placeOf(keys)
  const placed = { expression: parseExpression(text, place), place }
  const found = typeOf(placed, vocabulary)
  if (found === wanted) return placed
  throw refusal(file, keys, `“${text}” is a ${found}; a ${wanted} is wanted there.`)
}

export function refusal(
  file: YamlFile,
  keys: readonly string[],
  message: string,
  nextStep = 'Correct the line.',
): RaftmarkError {
  return new RaftmarkError('scorecard-invalid', message, { nextStep, place: file.placeOf(keys) })
}

async function compileCheck(definition: string, code: ErrorCode): Promise<SchemaCheck> {
  const path = join(scorecardsFolder, 'scorecards.schema.json')
  const schema: unknown = JSON.parse(await readFile(path, 'utf8'))
  const found = isObject(schema) ? schema['definitions'] : undefined
  const definitions = (isObject(found) ? found : {}) as Readonly<Record<string, object>>
  return createSchemaCheck({ ...definitions[definition], definitions }, code)
}
