import type { Prng } from '../../base/prng.ts'
import { momentsOf, type OpenArrival } from './arrival.ts'

/** When the operations of an open loop are due. */
export interface Schedule {
  /**
   * Writes the next moments, in nanoseconds since the phase began, never falling; returns how many.
   * Fewer than `into` holds: that was the end. Filled ahead, so that the moment of sending does no
   * arithmetic, and in pieces, so that a day's schedule needs no more memory than a second's.
   */
  fill(into: Float64Array): number
}

const NS_PER_SECOND = 1e9

/** The schedule of one phase: the same seed gives the same moments on every machine. */
export function createSchedule(
  arrival: OpenArrival,
  options: { readonly seconds: number; readonly prng: Prng },
): Schedule {
  const { seconds, prng } = options
  const momentOf = momentsOf(arrival, seconds)
  let index = 0
  let count = 0
  const next = (): number => {
    count = arrival.kind === 'constant' ? index : count + exponential(prng)
    index += 1
    return momentOf(count)
  }
  let pending = next()
  return {
    fill(into) {
      let filled = 0
      while (filled < into.length && pending < seconds) {
        into[filled] = pending * NS_PER_SECOND
        filled += 1
        pending = next()
      }
      return filled
    },
  }
}

/**
 * A draw from the exponential distribution with mean 1, by comparing and adding uniform draws only:
 * `Math.log` may differ in its last bit between V8 versions, and the seed would not replay.
 *
 * The first draw of a falling run is accepted when the run's length is odd; each rejection adds 1.
 *
 * Source: J. von Neumann, "Various techniques used in connection with random digits" (1951);
 * Knuth, TAOCP vol. 2, §3.4.1. It needs e²/(e−1) ≈ 4.3 uniform draws on average.
 */
export function exponential(prng: Prng): number {
  for (let whole = 0; ; whole += 1) {
    const first = prng.ratio()
    let last = first
    let length = 1
    for (let draw = prng.ratio(); draw < last; draw = prng.ratio()) {
      last = draw
      length += 1
    }
    if (length % 2 === 1) return whole + first
  }
}
