/** Relative change of CPU per request between slices that still counts as flat. */
export const FLAT_RATIO_MAX = 0.1

/** Slices whose changes must all be flat: two changes. */
const FLAT_SLICES = 3

/** Fewer requests than this say nothing about the CPU of one. */
const REQUESTS_MIN = 20

/**
 * Says when a cluster is warm: CPU per request changed by at most `FLAT_RATIO_MAX` over two
 * slices in a row. Cold JavaScript takes several times the CPU of warm JavaScript.
 */
export class Warmth {
  readonly #perRequest: number[] = []

  /** One more slice. Returns whether the cluster is warm now. */
  add(slice: { readonly requests: number; readonly cpuNs: number }): boolean {
    if (slice.requests < REQUESTS_MIN || slice.cpuNs <= 0) {
      this.#perRequest.length = 0
      return false
    }
    this.#perRequest.push(slice.cpuNs / slice.requests)
    return this.change <= FLAT_RATIO_MAX
  }

  /** The largest relative change over the last two slices; ∞ until there are enough. */
  get change(): number {
    const last = this.#perRequest.slice(-FLAT_SLICES)
    if (last.length < FLAT_SLICES) return Number.POSITIVE_INFINITY
    const changes = last.slice(1).map((value, at) => Math.abs(value / (last[at] as number) - 1))
    return Math.max(...changes)
  }
}
