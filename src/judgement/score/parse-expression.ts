import { type Place, RaftmarkError } from '../../base/errors.ts'
import type { Arithmetic, Comparison, Expression, FunctionName } from './expression.ts'

/**
 * Reads an expression. Throws `scorecard-invalid` that names `place` and the character.
 *
 * From the loosest to the tightest: `or`, `and`, `not`, comparison (at most one), `+ -`, `* /`.
 */
export function parseExpression(text: string, place: Place): Expression {
  const reader = new Reader(tokensOf(text, place), text, place)
  const expression = disjunction(reader)
  reader.expectEnd()
  return expression
}

type Token = { readonly text: string; readonly at: number }

const TOKEN =
  /\s*(?:[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*|\d+(?:\.\d+)?|'[^']*'|[=!<>]=|[<>()+\-*/])/y

function tokensOf(text: string, place: Place): readonly Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex + (/^\s*/.exec(text.slice(TOKEN.lastIndex))?.[0].length ?? 0)
    const found = TOKEN.exec(text)
    if (found === null) throw mistake(`“${text.slice(at).trim()}” cannot be read`, text, place)
    tokens.push({ text: found[0].trim(), at })
  }
  return tokens
}

class Reader {
  readonly #tokens: readonly Token[]
  readonly #text: string
  readonly #place: Place
  #next = 0

  constructor(tokens: readonly Token[], text: string, place: Place) {
    this.#tokens = tokens
    this.#text = text
    this.#place = place
  }

  /** Takes the next token when it is one of `wanted`. */
  take<T extends string>(...wanted: readonly T[]): T | undefined {
    const found = wanted.find((one) => one === this.#tokens[this.#next]?.text)
    if (found !== undefined) this.#next += 1
    return found
  }

  any(): string {
    const token = this.#tokens[this.#next]
    if (token === undefined) throw this.#mistake('something is missing at the end')
    this.#next += 1
    return token.text
  }

  expect(wanted: string): void {
    if (this.take(wanted) === undefined) throw this.#mistake(`“${wanted}” is missing`)
  }

  expectEnd(): void {
    const token = this.#tokens[this.#next]
    if (token !== undefined) throw this.#mistake(`“${token.text}” is not expected there`)
  }

  refuse(what: string): never {
    throw this.#mistake(what)
  }

  #mistake(what: string): RaftmarkError {
    const at = this.#tokens[this.#next]?.at ?? this.#text.length
    return mistake(`${what}, at character ${at + 1}`, this.#text, this.#place)
  }
}

function mistake(what: string, text: string, place: Place): RaftmarkError {
  return new RaftmarkError('scorecard-invalid', `The expression “${text}” is wrong: ${what}.`, {
    nextStep: 'See the language in docs/SCORECARDS.md.',
    place,
  })
}

function disjunction(reader: Reader): Expression {
  let left = conjunction(reader)
  while (reader.take('or')) left = { kind: 'or', left, right: conjunction(reader) }
  return left
}

function conjunction(reader: Reader): Expression {
  let left = negation(reader)
  while (reader.take('and')) left = { kind: 'and', left, right: negation(reader) }
  return left
}

function negation(reader: Reader): Expression {
  return reader.take('not') ? { kind: 'not', of: negation(reader) } : comparison(reader)
}

const comparisons: readonly Comparison[] = ['==', '!=', '<', '<=', '>', '>=']

function comparison(reader: Reader): Expression {
  const left = sum(reader)
  const operator = reader.take(...comparisons)
  return operator === undefined ? left : { kind: 'compare', operator, left, right: sum(reader) }
}

function sum(reader: Reader): Expression {
  return chain(reader, ['+', '-'], (inner) => chain(inner, ['*', '/'], atom))
}

function chain(
  reader: Reader,
  operators: readonly Arithmetic[],
  operand: (reader: Reader) => Expression,
): Expression {
  let left = operand(reader)
  let operator = reader.take(...operators)
  while (operator !== undefined) {
    left = { kind: 'arithmetic', operator, left, right: operand(reader) }
    operator = reader.take(...operators)
  }
  return left
}

const functions: readonly FunctionName[] = ['known', 'ageDays']

function atom(reader: Reader): Expression {
  if (reader.take('(')) {
    const inside = disjunction(reader)
    reader.expect(')')
    return inside
  }
  const text = reader.any()
  if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' }
  if (/^\d/.test(text)) return { kind: 'literal', value: Number(text) }
  if (text.startsWith("'")) return { kind: 'literal', value: text.slice(1, -1) }
  if (!/^[A-Za-z]/.test(text)) return reader.refuse(`“${text}” is not expected there`)
  if (!reader.take('(')) return { kind: 'name', name: text }
  const called = functions.find((name) => name === text)
  if (called === undefined) return reader.refuse(`there is no function “${text}”`)
  const name = reader.any()
  reader.expect(')')
  return { kind: 'call', function: called, name }
}
