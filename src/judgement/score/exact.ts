import { assert } from '../../base/assert.ts'

/**
 * An exact fraction of whole numbers, for sums of weights (hundredths of a percent) times scores
 * (tenths): 6.05 is 605/100, and no binary rounding can print it as 6.0. `below` is > 0.
 */
export type Fraction = { readonly above: number; readonly below: number }

/** Rounds half up, once, to `digits` decimals. The number nearest to the exact decimal. */
export function roundedHalfUp(fraction: Fraction, digits: number): number {
  return Number(textHalfUp(fraction, digits))
}

/** The same as text, with all its digits. `(6.05).toFixed(1)` would give 6.0; this gives 6.1. */
export function textHalfUp({ above, below }: Fraction, digits: number): string {
  assert(below > 0 && above >= 0, `a fraction to print is not negative: ${above}/${below}`)
  const scale = 10 ** digits
  const scaled = above * scale
  assert(Number.isSafeInteger(2 * (scaled + below)), `${above}/${below} is too large to be exact`)
  const whole = Math.floor((2 * scaled + below) / (2 * below))
  const left = Math.floor(whole / scale)
  return digits === 0 ? String(left) : `${left}.${String(whole % scale).padStart(digits, '0')}`
}

/** Whether one is the smaller, exactly. */
export function isLess(one: Fraction, other: Fraction): boolean {
  return one.above * other.below < other.above * one.below
}
