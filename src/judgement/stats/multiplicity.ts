/**
 * Holm's step-down adjustment: holds the chance of any false difference in a family declared in
 * advance. Returns adjusted p-values in the order given; each is at least its raw p.
 *
 * Source: Holm 1979: p₍ᵢ₎ · (m − i + 1), running maximum.
 */
export function holm(pValues: readonly number[]): readonly number[] {
  let highest = 0
  return adjustInOrder(pValues, ascendingOrder(pValues), (p, at) => {
    highest = Math.max(highest, Math.min(1, p * (pValues.length - at)))
    return highest
  })
}

/**
 * Benjamini and Hochberg's adjustment: holds the expected share of false ones among the differences
 * found, for exploratory tables. Returns adjusted p-values in the order given.
 *
 * Source: Benjamini and Hochberg 1995: p₍ᵢ₎ · m / i, running minimum from the largest.
 */
export function benjaminiHochberg(pValues: readonly number[]): readonly number[] {
  let lowest = 1
  const order = [...ascendingOrder(pValues)].reverse()
  return adjustInOrder(pValues, order, (p, at) => {
    lowest = Math.min(lowest, p * (pValues.length / (pValues.length - at)))
    return lowest
  })
}

function ascendingOrder(values: readonly number[]): readonly number[] {
  return values.map((_, at) => at).sort((a, b) => (values[a] as number) - (values[b] as number))
}

function adjustInOrder(
  pValues: readonly number[],
  order: readonly number[],
  adjust: (p: number, at: number) => number,
): readonly number[] {
  const adjusted = new Array<number>(pValues.length)
  for (const [at, index] of order.entries()) adjusted[index] = adjust(pValues[index] as number, at)
  return adjusted
}
