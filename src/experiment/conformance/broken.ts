/** What a rule saw that must not be. Thrown by rules, turned into a result by `runAdapterRules`. */
export class Broken extends Error {
  override readonly name = 'Broken'

  constructor(expected: string, seen: string) {
    super(`expected ${expected}; saw ${seen}`)
  }
}

/** Goes on only if `kept`. */
export function hold(kept: boolean, expected: string, seen: string): asserts kept {
  if (!kept) throw new Broken(expected, seen)
}

/** The node says honestly that it does not offer what the rule is about. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported'
}
