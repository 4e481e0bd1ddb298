/** What a claim's value is. Versions and dates are text that is compared by their own order. */
export type ValueType = 'boolean' | 'number' | 'text' | 'version' | 'date'

export type Value = boolean | number | string

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

export type Arithmetic = '+' | '-' | '*' | '/'

/**
 * A condition or a number over evidence, as a rubric writes it: names, numbers, 'text', `true`,
 * `false`, comparisons, arithmetic, `and`, `or`, `not`, `known(name)` and `ageDays(name)`.
 * It can neither loop nor reach anything but the evidence.
 */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'not'; readonly of: Expression }
  | {
      readonly kind: 'and' | 'or'
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'compare'
      readonly operator: Comparison
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'arithmetic'
      readonly operator: Arithmetic
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'call'; readonly function: FunctionName; readonly name: string }

/** `known`: whether there is evidence. `ageDays`: days from a date to the day of judgement. */
export type FunctionName = 'known' | 'ageDays'

/** Every claim that the expression looks at, each once, in order. */
export function namesIn(expression: Expression): readonly string[] {
  return [...new Set(allNames(expression))]
}

function allNames(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'literal':
      return []
    case 'name':
    case 'call':
      return [expression.name]
    case 'not':
      return allNames(expression.of)
    default:
      return [...allNames(expression.left), ...allNames(expression.right)]
  }
}
