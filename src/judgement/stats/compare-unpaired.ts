import { assert } from '../../base/assert.ts'
import { cliffsDelta, mannWhitney, shiftInterval } from './mann-whitney.ts'

export type UnpairedComparison = {
  /** Says by its presence that drift between the two sets of runs is in the interval. */
  readonly unpaired: true
  /** b / a: Hodges–Lehmann shift of the logarithms. */
  readonly estimate: number
  /** Exact 95 % interval of the ratio; `undefined` below 4 + 4 runs. */
  readonly low: number | undefined
  readonly high: number | undefined
  readonly p: number
  /** Of b over a: see `cliffsDelta`. */
  readonly cliffsDelta: number
  readonly runsA: number
  readonly runsB: number
}

/**
 * Compares runs that share no rounds, such as two experiments on different days. It gives no
 * verdict: drift of the machine and difference of the subjects cannot be told apart here.
 * All values are > 0.
 */
export function compareUnpaired(a: readonly number[], b: readonly number[]): UnpairedComparison {
  assert(
    [...a, ...b].every((value) => value > 0),
    'a ratio needs values above zero',
  )
  const logA = a.map(Math.log)
  const logB = b.map(Math.log)
  const shift = shiftInterval(logA, logB)
  const bounded = Number.isFinite(shift.low)
  return {
    unpaired: true,
    estimate: Math.exp(shift.estimate),
    low: bounded ? Math.exp(shift.low) : undefined,
    high: bounded ? Math.exp(shift.high) : undefined,
    p: mannWhitney(logA, logB).p,
    cliffsDelta: cliffsDelta(a, b),
    runsA: a.length,
    runsB: b.length,
  }
}
