/**
 * Twice the rank of each value, from 2: equal values share the mean of their ranks (midranks), and
 * doubling keeps those whole, so that exact distributions can be counted in integers.
 */
export function doubledMidranks(values: readonly number[]): readonly number[] {
  const order = values.map((_, at) => at).sort((a, b) => valueAt(values, a) - valueAt(values, b))
  const ranks = new Array<number>(values.length)
  let start = 0
  while (start < order.length) {
    const value = valueAt(values, order[start] as number)
    let end = start + 1
    while (end < order.length && valueAt(values, order[end] as number) === value) end += 1
    for (let at = start; at < end; at += 1) ranks[order[at] as number] = start + 1 + end
    start = end
  }
  return ranks
}

function valueAt(values: readonly number[], at: number): number {
  return values[at] as number
}
