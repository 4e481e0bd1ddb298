/** What the nodes did in one slice of a phase. */
export type CpuSlice = { readonly requests: number; readonly cpuNs: number }

/** Relative change of CPU per request between slices that ends a warm-up before its limit. */
const FLAT_RATIO_MAX = 0.1

/** Slices whose changes must all be flat: two changes. */
const FLAT_SLICES = 3

/** Fewer requests than this say nothing about the CPU of one. */
const REQUESTS_MIN = 20

/**
 * Says when a cluster is warm enough to go on: CPU per request changed by at most
 * `FLAT_RATIO_MAX` over two slices in a row. Cold JavaScript takes several times the CPU of warm
 * JavaScript. Whether it then *was* warm is judged by what was measured: see `Flatness`.
 */
export class Warmth {
  readonly #perRequest: number[] = []

  /** One more slice. Returns whether the cluster is warm now. */
  add(slice: CpuSlice): boolean {
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

/** Of the measured part: whether a request cost at its end what it did at its beginning. */
export class Flatness {
  readonly #slices: CpuSlice[] = []

  add(slice: CpuSlice): void {
    this.#slices.push(slice)
  }

  /**
   * CPU per request in the later half of the slices against the earlier half, less 1: −0.2 is a
   * fifth less. `undefined` when a half has next to no requests.
   */
  get change(): number | undefined {
    const middle = Math.floor(this.#slices.length / 2)
    const early = perRequest(this.#slices.slice(0, middle))
    const late = perRequest(this.#slices.slice(-middle))
    return early === undefined || late === undefined ? undefined : late / early - 1
  }
}

function perRequest(slices: readonly CpuSlice[]): number | undefined {
  const requests = slices.reduce((sum, slice) => sum + slice.requests, 0)
  const cpuNs = slices.reduce((sum, slice) => sum + slice.cpuNs, 0)
  return requests < REQUESTS_MIN || cpuNs <= 0 ? undefined : cpuNs / requests
}
