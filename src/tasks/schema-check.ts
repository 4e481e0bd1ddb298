import { Ajv, type ErrorObject } from 'ajv'
import { closest } from 'fastest-levenshtein'
import { type ErrorCode, RaftmarkError } from '../base/errors.ts'
import { isObject, type YamlFile } from './read-yaml.ts'

/**
 * Returns the file's content with the schema's defaults filled in. Throws a RaftmarkError that
 * names file, line and key of the first mistake, and says how to put it right.
 */
export type SchemaCheck = (file: YamlFile) => unknown

/** `code` is that of the errors. */
export function createSchemaCheck(
  schema: object,
  code: ErrorCode = 'workload-invalid',
): SchemaCheck {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    useDefaults: true,
    discriminator: true,
    strict: true,
    strictRequired: false,
    strictTypes: false,
  })
  const validate = ajv.compile(schema)
  return (file) => {
    const content = structuredClone(file.content)
    if (validate(content)) return withoutSchemaKey(content)
    throw explain(code, file, mostTelling(validate.errors ?? []))
  }
}

/** An unknown key often explains the missing one that is reported beside it, so it comes first. */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject {
  const rank = (error: ErrorObject): number => ranks[error.keyword] ?? 2
  const [first] = [...errors].sort((a, b) => rank(a) - rank(b))
  if (first === undefined) throw new Error('ajv reported no error for what it refused')
  return first
}

const ranks: Readonly<Record<string, number>> = { additionalProperties: 0, type: 1, required: 3 }

type Mistake = {
  readonly keys: readonly string[]
  readonly message: string
  readonly nextStep: string
}

function explain(code: ErrorCode, file: YamlFile, error: ErrorObject): RaftmarkError {
  const { keys, message, nextStep } = mistakeOf(error)
  return new RaftmarkError(code, message, { nextStep, place: file.placeOf(keys) })
}

function mistakeOf(error: ErrorObject): Mistake {
  const path = error.instancePath.split('/').slice(1)
  const key = path.join('.') || 'the file'
  const found = JSON.stringify(error.data)
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(path, error)
    case 'required': {
      const missing = String(error.params['missingProperty'])
      const nextStep = `Add it${sentenceOf(propertiesOf(error)[missing])}`
      return { keys: path, message: `${[...path, missing].join('.')} is missing.`, nextStep }
    }
    case 'type':
      return wrongType(path, error)
    case 'minimum':
    case 'maximum': {
      const { comparison, limit } = error.params
      const message = `${key} is ${found}; it must be ${comparison} ${limit}.`
      return { keys: path, message, nextStep: meaningOf(error) }
    }
    case 'enum': {
      const allowed = (error.schema as unknown[]).map(String)
      const guess = closest(String(error.data), allowed)
      const nextStep = `Did you mean ${guess}? It can be: ${allowed.join(', ')}.`
      return { keys: path, message: `${key} cannot be ${found}.`, nextStep }
    }
    case 'discriminator':
      return unknownKind(path, error)
    default: {
      const message = `${key} ${error.message ?? 'is wrong'}; found ${found}.`
      return { keys: path, message, nextStep: meaningOf(error) }
    }
  }
}

function unknownKind(path: readonly string[], error: ErrorObject): Mistake {
  const keys = [...path, 'kind']
  const kinds = kindsOf(error).join(', ')
  const kind: unknown = error.params['tagValue']
  if (kind === undefined) {
    return { keys: path, message: `${keys.join('.')} is missing.`, nextStep: `Add it: ${kinds}.` }
  }
  const message = `${keys.join('.')} cannot be ${JSON.stringify(kind)}.`
  return { keys, message, nextStep: `Use one of: ${kinds}.` }
}

/** What `kind` can be, from the alternatives that the discriminator chooses among. */
function kindsOf(error: ErrorObject): readonly string[] {
  const alternatives: unknown = error.parentSchema?.['oneOf']
  if (!Array.isArray(alternatives)) return []
  return alternatives.flatMap((alternative) => {
    const { const: only, enum: several = [only] } = alternative.properties.kind
    return several
  })
}

function unknownKey(path: readonly string[], error: ErrorObject): Mistake {
  const unknown = String(error.params['additionalProperty'])
  const known = Object.keys(propertiesOf(error)).filter((name) => !name.startsWith('$'))
  const guess = closest(unknown, known)
  return {
    keys: [...path, unknown],
    message: `${[...path, unknown].join('.')} is no known key.`,
    nextStep: `Did you mean ${guess}? Known: ${known.join(', ')}.`,
  }
}

/** What a value with a unit would be, in the unit that the key's name ends in. */
function wrongType(path: readonly string[], error: ErrorObject): Mistake {
  const key = path.at(-1) ?? ''
  const found = JSON.stringify(error.data)
  const wanted = Array.isArray(error.schema) ? error.schema.join(' or ') : String(error.schema)
  const message = `${path.join('.') || 'The file'} must be ${articled(wanted)}; found ${found}.`
  const unit = keyUnits.find(({ ending }) => ending.test(key))
  if (unit === undefined) return { keys: path, message, nextStep: meaningOf(error) }
  const plain = `Write a plain number of ${unit.name}: the unit is in the key’s name.`
  const value = valueIn(unit.factors, error.data)
  const nextStep = value === undefined ? plain : `Write ${value}: ${key} is in ${unit.name}.`
  return { keys: path, message, nextStep }
}

type KeyUnit = {
  readonly ending: RegExp
  readonly name: string
  /** How many of the key's unit one of the written unit is. */
  readonly factors: Readonly<Record<string, number>>
}

const keyUnits: readonly KeyUnit[] = [
  { ending: /PerSecond$/, name: 'operations per second', factors: { '/s': 1, k: 1e3, 'k/s': 1e3 } },
  {
    ending: /Ms(Max)?$/,
    name: 'milliseconds',
    factors: { us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 },
  },
  { ending: /[sS]econds(Max)?$/, name: 'seconds', factors: { ms: 1e-3, s: 1, m: 60, h: 3600 } },
  {
    ending: /[bB]ytes(Max)?$/,
    name: 'bytes',
    factors: { b: 1, k: 1024, kb: 1e3, kib: 1024, m: 2 ** 20, mb: 1e6, mib: 2 ** 20 },
  },
]

function valueIn(factors: KeyUnit['factors'], written: unknown): number | undefined {
  if (typeof written !== 'string') return undefined
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([a-z/]*)\s*$/i.exec(written)
  const factor = parts?.[2] === '' ? 1 : factors[parts?.[2]?.toLowerCase() ?? '']
  return factor === undefined ? undefined : Number((Number(parts?.[1]) * factor).toPrecision(12))
}

function propertiesOf(error: ErrorObject): Readonly<Record<string, unknown>> {
  const properties: unknown = error.parentSchema?.['properties']
  return isObject(properties) ? properties : {}
}

function meaningOf(error: ErrorObject): string {
  const meaning: unknown = error.parentSchema?.['description']
  return typeof meaning === 'string' ? `It means: ${meaning}` : 'See the schema of this file.'
}

/** The end of a sentence, with the key's description where there is one. */
function sentenceOf(schema: unknown): string {
  const meaning = isObject(schema) ? schema['description'] : undefined
  return typeof meaning === 'string' ? `: ${meaning}` : '.'
}

const articled = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)

function withoutSchemaKey(content: unknown): unknown {
  if (!isObject(content)) return content
  const { $schema: _, ...rest } = content
  return rest
}
