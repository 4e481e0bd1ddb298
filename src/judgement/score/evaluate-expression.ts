import { unreachable } from '../../base/assert.ts'
import type { Arithmetic, Comparison, Expression, Value, ValueType } from './expression.ts'

/** What an expression is evaluated against. */
export type Facts = {
  /** `undefined` when there is no evidence, or none that is still fresh. */
  valueOf(name: string): Value | undefined
  typeOf(name: string): ValueType
  /** The day of judgement, like 2026-11-22. */
  readonly today: string
}

/**
 * The value, or `undefined` when the evidence does not decide it. Unknown spreads as in Kleene's
 * logic: `false and unknown` is false, `true or unknown` is true, anything else with it unknown.
 */
export function evaluate(expression: Expression, facts: Facts): Value | undefined {
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'name':
      return facts.valueOf(expression.name)
    case 'not': {
      const inside = evaluate(expression.of, facts)
      return inside === undefined ? undefined : !inside
    }
    case 'and':
    case 'or':
      return decide(
        expression.kind === 'or',
        evaluate(expression.left, facts),
        evaluate(expression.right, facts),
      )
    case 'compare':
    case 'arithmetic':
      return combine(expression, facts)
    case 'call': {
      const value = facts.valueOf(expression.name)
      if (expression.function === 'known') return value !== undefined
      return value === undefined ? undefined : daysBetween(String(value), facts.today)
    }
    default:
      return unreachable(expression)
  }
}

function decide(deciding: boolean, left: Value | undefined, right: Value | undefined) {
  if (left === deciding || right === deciding) return deciding
  return left === undefined || right === undefined ? undefined : !deciding
}

type Combination = Extract<Expression, { readonly kind: 'compare' | 'arithmetic' }>

function combine(expression: Combination, facts: Facts): Value | undefined {
  const left = evaluate(expression.left, facts)
  const right = evaluate(expression.right, facts)
  if (left === undefined || right === undefined) return undefined
  if (expression.kind === 'arithmetic') return calculate(expression.operator, left, right)
  return holds(expression.operator, orderOf(left, right, comparedAs(expression, facts)))
}

/** Whole days from one date to another; negative when the second comes first. */
function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
}

/**
 * Negative when `left` comes before `right`. Numbers part by part; a pre-release comes before its
 * release. Source: Semantic Versioning 2.0.0 §11; versions with two or four numbers are read too.
 */
export function compareVersions(left: string, right: string): number {
  const a = versionOf(left)
  const b = versionOf(right)
  const parts = Math.max(a.numbers.length, b.numbers.length)
  for (let at = 0; at < parts; at += 1) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0)
    if (difference !== 0) return difference
  }
  if (a.pre === b.pre) return 0
  if (a.pre === '' || b.pre === '') return a.pre === '' ? 1 : -1
  return compareIdentifiers(a.pre.split('.'), b.pre.split('.'))
}

function compareIdentifiers(left: readonly string[], right: readonly string[]): number {
  for (const [at, one] of left.entries()) {
    const other = right[at]
    if (other === undefined) return 1
    if (one === other) continue
    const bothNumbers = /^\d+$/.test(one) && /^\d+$/.test(other)
    return bothNumbers ? Number(one) - Number(other) : one < other ? -1 : 1
  }
  return left.length - right.length
}

function versionOf(text: string): { readonly numbers: readonly number[]; readonly pre: string } {
  const [release = '', ...pre] = text.replace(/^v/, '').split('-')
  return { numbers: release.split('.').map(Number), pre: pre.join('-') }
}

function comparedAs(
  { left, right }: { readonly left: Expression; readonly right: Expression },
  facts: Facts,
): ValueType {
  const types = [left, right].map((side) =>
    side.kind === 'name' ? facts.typeOf(side.name) : 'text',
  )
  return types.find((type) => type === 'version') ?? 'text'
}

/** Dates order as text does. */
function orderOf(left: Value, right: Value, as: ValueType): number {
  if (as === 'version') return compareVersions(String(left), String(right))
  if (left === right) return 0
  return left < right ? -1 : 1
}

function holds(operator: Comparison, order: number): boolean {
  switch (operator) {
    case '==':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    default:
      return unreachable(operator)
  }
}

function calculate(operator: Arithmetic, left: Value, right: Value): number | undefined {
  const [a, b] = [Number(left), Number(right)]
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return b === 0 ? undefined : a / b
    default:
      return unreachable(operator)
  }
}
