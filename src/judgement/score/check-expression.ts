import { type Place, RaftmarkError } from '../../base/errors.ts'
import { type Expression, namesIn, type ValueType } from './expression.ts'

/** The names that an expression may use, and what their values are. */
export type Vocabulary = ReadonlyMap<string, ValueType>

/** An expression and where it stands. */
export type Placed = { readonly expression: Expression; readonly place: Place }

/**
 * The type of an expression's value. Throws `scorecard-invalid` with the place for a name that is
 * no claim and for values that cannot be combined, so that no scorecard finds out later.
 */
export function typeOf({ expression, place }: Placed, vocabulary: Vocabulary): ValueType {
  const refuse = (what: string): never => {
    throw new RaftmarkError('scorecard-invalid', what, {
      nextStep: 'Correct the expression, or declare the claim in claims.yaml.',
      place,
    })
  }
  const named = (name: string): ValueType =>
    vocabulary.get(name) ?? refuse(`${name} is no claim${nearest(name, vocabulary.keys())}`)
  const check = (one: Expression): ValueType => {
    switch (one.kind) {
      case 'literal':
        return typeof one.value === 'string' ? 'text' : (typeof one.value as 'boolean' | 'number')
      case 'name':
        return named(one.name)
      case 'call': {
        const type = named(one.name)
        if (one.function === 'known') return 'boolean'
        return type === 'date'
          ? 'number'
          : refuse(`ageDays wants a date; ${one.name} is a ${type}.`)
      }
      case 'not':
        return expect(one.of, 'boolean', 'not')
      case 'and':
      case 'or':
        expect(one.left, 'boolean', one.kind)
        return expect(one.right, 'boolean', one.kind)
      case 'arithmetic':
        expect(one.left, 'number', one.operator)
        return expect(one.right, 'number', one.operator)
      case 'compare':
        return compare(one.left, one.right, one.operator)
    }
  }
  const expect = (one: Expression, wanted: ValueType, by: string): ValueType => {
    const found = check(one)
    return found === wanted ? found : refuse(`“${by}” wants a ${wanted}, not a ${found}.`)
  }
  const compare = (left: Expression, right: Expression, operator: string): ValueType => {
    const types = [check(left), check(right)] as const
    if (!comparable(...types)) return refuse(`a ${types[0]} cannot be compared with a ${types[1]}.`)
    const isOrdered = types.some((type) => type !== 'boolean' && type !== 'text')
    if (isOrdered || operator === '==' || operator === '!=') return 'boolean'
    return refuse(`“${operator}” does not order a ${types[0]}.`)
  }
  return check(expression)
}

/** Throws `scorecard-invalid` when a definition leads back to itself, naming the way around. */
export function refuseCycles(definitions: ReadonlyMap<string, Placed>): void {
  const settled = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    const definition = definitions.get(name)
    if (definition === undefined || settled.has(name)) return
    if (path.includes(name)) {
      const cycle = [...path.slice(path.indexOf(name)), name].join(' → ')
      throw new RaftmarkError('scorecard-invalid', `A definition leads back to itself: ${cycle}.`, {
        nextStep: 'Break the circle: define one of them by evidence alone.',
        place: definition.place,
      })
    }
    for (const used of namesIn(definition.expression)) visit(used, [...path, name])
    settled.add(name)
  }
  for (const name of definitions.keys()) visit(name, [])
}

/** A literal is text; beside a version or a date it is read as one. */
function comparable(left: ValueType, right: ValueType): boolean {
  if (left === right) return true
  const textual: readonly ValueType[] = ['text', 'version', 'date']
  return (left === 'text' || right === 'text') && textual.includes(left) && textual.includes(right)
}

/** Names that share most of their parts, for the sentence that refuses one. */
function nearest(wrong: string, names: Iterable<string>): string {
  const parts = new Set(wrong.toLowerCase().split('.'))
  const shared = (name: string) =>
    name
      .toLowerCase()
      .split('.')
      .filter((part) => parts.has(part)).length
  const [best] = [...names].filter((name) => shared(name) > 0).sort((a, b) => shared(b) - shared(a))
  return best === undefined ? '.' : `; is ${best} meant?`
}
