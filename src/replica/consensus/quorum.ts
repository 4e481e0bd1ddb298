/** How many of `voterCount` are a majority. Raft §5.2. */
export const majorityOf = (voterCount: number): number => Math.floor(voterCount / 2) + 1

/**
 * The largest value that at least a majority has reached: commit index, confirmed round and last
 * contact with a quorum are all this function. Sorts `values` in place, descending; they are one
 * per voter and few, so insertion is fastest and allocates nothing.
 */
export function reachedByMajority(values: number[]): number {
  for (let sorted = 1; sorted < values.length; sorted += 1) {
    const value = values[sorted] as number
    let at = sorted
    while (at > 0 && (values[at - 1] as number) < value) {
      values[at] = values[at - 1] as number
      at -= 1
    }
    values[at] = value
  }
  return values[majorityOf(values.length) - 1] as number
}
