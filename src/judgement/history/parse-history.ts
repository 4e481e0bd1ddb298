import { RaftmarkError } from '../../base/errors.ts'
import { type History, HistoryBuilder } from './history.ts'
import { HISTORY_VERSION, type HistoryLine } from './schema.ts'

/**
 * Reads `history.ndjson` line by line, so that a file larger than a string can be read. Whatever
 * breaks the schema is refused with its line: a judge who skips what he cannot read judges
 * something else.
 */
export class HistoryReader {
  readonly #builder = new HistoryBuilder()
  readonly #file: string
  #line = 0

  constructor(file: string) {
    this.#file = file
  }

  /** Takes the next line, without its newline. Throws `RaftmarkError` `history-invalid`. */
  line(text: string): void {
    this.#line += 1
    if (text.trim() === '') return
    const line = this.#parse(text)
    const broken = shapeError(line) ?? this.#builder.add(line as HistoryLine)
    if (broken !== undefined) throw this.#refusal(broken)
  }

  end(): History {
    if (this.#line === 0) throw this.#refusal('the file is empty')
    return this.#builder.build()
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw this.#refusal(`this is no JSON object: ${text.slice(0, 60)}`, cause)
    }
  }

  #refusal(reason: string, cause?: unknown): RaftmarkError {
    return new RaftmarkError('history-invalid', `${this.#file}:${this.#line}: ${reason}`, {
      nextStep: 'Compare the line with the format in docs/CHECKS.md, "The history file".',
      place: { file: this.#file, line: this.#line },
      cause,
    })
  }
}

/** For texts at hand, in tests and in the simulator. */
export function parseHistory(text: string, file = 'history'): History {
  const reader = new HistoryReader(file)
  for (const line of text.split('\n')) reader.line(line)
  return reader.end()
}

type Fields = Readonly<Record<string, unknown>>
type FieldCheck = (value: unknown) => boolean
type Shape = Readonly<Record<string, readonly [FieldCheck, string]>>

const natural: FieldCheck = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const text: FieldCheck = (value) => typeof value === 'string'
const anything: FieldCheck = () => true
const naturals: FieldCheck = (value) => Array.isArray(value) && value.every(natural)
const offsetPairs: FieldCheck = (value) => Array.isArray(value) && value.every(isOffsetPair)
const isOffsetPair: FieldCheck = (value) => naturals(value) && (value as unknown[]).length === 2
const oneOf =
  (...words: readonly string[]): FieldCheck =>
  (value) =>
    words.includes(value as string)
const guarantees: FieldCheck = (value) =>
  isFields(value) &&
  typeof value['idempotent'] === 'boolean' &&
  typeof value['ordered'] === 'boolean'
const someNaturals: FieldCheck = (value) => naturals(value) && (value as unknown[]).length > 0

const whole = 'a whole number ≥ 0'
const count = [natural, whole] as const
const operation = { i: count, c: count, ts: count, p: count }

/** What each kind of line must hold; a name that ends in `?` may be absent. */
const shapes: Readonly<Record<string, Shape>> = {
  run: {
    v: [natural, whole],
    subject: [text, 'a text'],
    clock: [oneOf('monotonic', 'virtual'), '"monotonic" or "virtual"'],
    guarantees: [guarantees, 'an object with booleans "idempotent" and "ordered"'],
    'notes?': [anything, 'anything'],
  },
  partition: { p: count, start: count },
  'inv produce': {
    ...operation,
    vals: [someNaturals, 'a non-empty list of whole numbers ≥ 0'],
    'acks?': [oneOf('leader', 'quorum'), '"leader" or "quorum"'],
  },
  'inv fetch': {
    ...operation,
    from: count,
    consistency: [
      oneOf('linearizable', 'lease', 'committed'),
      '"linearizable", "lease" or "committed"',
    ],
  },
  ret: {
    i: count,
    ts: count,
    r: [oneOf('ok', 'fail', 'indefinite'), '"ok", "fail" or "indefinite"'],
    'err?': [text, 'a text'],
    'base?': count,
    'tries?': [(value) => natural(value) && value !== 0, 'a whole number ≥ 1'],
    'offs?': [offsetPairs, 'a list of pairs [offset, value]'],
    'hw?': count,
    'node?': count,
  },
  node: {
    n: count,
    ts: count,
    e: [oneOf('crash', 'restart', 'leader'), '"crash", "restart" or "leader"'],
    'term?': count,
  },
  fault: {
    ts: count,
    f: [text, 'a text'],
    ph: [oneOf('start', 'stop'), '"start" or "stop"'],
    'spec?': [anything, 'anything'],
  },
  readback: { n: count, p: count, start: count, vals: [naturals, 'a list of whole numbers ≥ 0'] },
  end: { ts: count, ops: count },
}

const checks = new Map(Object.entries(shapes).map(([kind, shape]) => [kind, rulesOf(shape)]))

type Rule = {
  readonly name: string
  readonly optional: boolean
  readonly check: FieldCheck
  readonly expected: string
}

function rulesOf(shape: Shape): readonly Rule[] {
  return Object.entries(shape).map(([key, [check, expected]]) => {
    const optional = key.endsWith('?')
    return { name: optional ? key.slice(0, -1) : key, optional, check, expected }
  })
}

function shapeError(line: unknown): string | undefined {
  if (!isFields(line)) return 'a line must be one JSON object'
  const kind = line['t'] === 'inv' ? `inv ${String(line['f'])}` : String(line['t'])
  const rules = checks.get(kind)
  if (rules === undefined) {
    return line['t'] === 'inv'
      ? `"f" must be "produce" or "fetch", not ${shown(line['f'])}`
      : `"t" is ${shown(line['t'])}, which is no kind of line`
  }
  if (kind === 'run' && line['v'] !== HISTORY_VERSION) {
    return `version ${shown(line['v'])} is unknown; this raftmark reads version ${HISTORY_VERSION}`
  }
  for (const rule of rules) {
    const value = line[rule.name]
    if (value === undefined ? rule.optional : rule.check(value)) continue
    return `"${rule.name}" must be ${rule.expected}, not ${shown(value)}`
  }
  return unknownField(line, rules)
}

/** A misspelt optional field would weaken the judgement without a word. */
function unknownField(line: Fields, rules: readonly Rule[]): string | undefined {
  for (const key of Object.keys(line)) {
    if (envelope.has(key) || rules.some((rule) => rule.name === key)) continue
    return `"${key}" is no field of this kind of line`
  }
  return undefined
}

/** Fields that name the kind of line. */
const envelope = new Set(['t', 'f'])

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'absent').slice(0, 60)
