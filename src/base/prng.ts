import { assert } from './assert.ts'

/** A seeded source of randomness. Two with the same seed give the same draws on every machine. */
export interface Prng {
  /** An integer in `[0, endExclusive)`, uniformly. `endExclusive` is in [1, 2^32]. */
  below(endExclusive: number): number

  /** A number in `[0, 1)` with 32 random bits. */
  ratio(): number

  /**
   * An independent source for `name`, so that one more draw in one subsystem shifts no other.
   * Taking a fork draws nothing from this source.
   */
  fork(name: string): Prng
}

/**
 * Integer-only, because `Math.log` and `Math.exp` may differ between V8 versions, and a seed that
 * replays differently after an upgrade is worthless. `seed` is a non-negative safe integer.
 *
 * Source: sfc32 (C. Doty-Humphrey, PractRand), 128 bits of state, seeded by splitmix32.
 */
export function prngFromSeed(seed: number): Prng {
  assert(Number.isSafeInteger(seed) && seed >= 0, `seed must be a non-negative integer: ${seed}`)
  return prngFromState(seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0)
}

function prngFromState(low: number, high: number): Prng {
  let splitState = (low ^ Math.imul(high, 0x9e3779b1)) >>> 0
  const split = (): number => {
    splitState = (splitState + 0x9e3779b9) | 0
    let mixed = splitState ^ (splitState >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
  let a = split()
  let b = split()
  let c = split()
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let round = 0; round < 12; round += 1) next()
  return {
    below: (endExclusive) => {
      assert(endExclusive >= 1 && endExclusive <= 2 ** 32, 'range must be in [1, 2^32]')
      // Rejection keeps the draw unbiased: a plain `%` favours small values. Few draws lie so high
      // that the limit must be known: it takes a division, as slow as all the rest.
      let draw = next()
      if (draw >= 2 ** 32 - endExclusive) {
        const limit = 2 ** 32 - (2 ** 32 % endExclusive)
        while (draw >= limit) draw = next()
      }
      return endExclusive === 2 ** 32 ? draw : draw % (endExclusive >>> 0)
    },
    ratio: () => next() / 2 ** 32,
    fork: (name) => prngFromState(hashOf(name, low), hashOf(name, high ^ 0x5bd1e995)),
  }
}

/** FNV-1a over UTF-16 units, started at `basis`. */
function hashOf(text: string, basis: number): number {
  let hash = (basis ^ 0x811c9dc5) >>> 0
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0
  }
  return hash
}
