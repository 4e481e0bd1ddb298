import { assert } from '../../base/assert.ts'
import { detectableRatio, ROUNDS_MIN } from './detectable.ts'
import { benjaminiHochberg, holm } from './multiplicity.ts'
import { hodgesLehmann, signedRankInterval, signedRankTest } from './signed-rank.ts'

/** One round: what each subject showed. `undefined` where its run has no such figure. */
export type RoundPair = { readonly a: number | undefined; readonly b: number | undefined }

/**
 * What is said of b, measured against a:
 * - `better`, `worse`: the whole 95 % interval lies beyond the margin;
 * - `equivalent`: the whole 90 % interval lies within it (two one-sided tests at 5 %);
 * - `undecided`: neither. `differs` says whether the interval excludes 1 nevertheless.
 */
export type ComparisonVerdict = 'better' | 'worse' | 'equivalent' | 'undecided'

export type PairedComparison = {
  /** b / a: Hodges–Lehmann of the log ratios per round. */
  readonly estimate: number | undefined
  /** The exact 95 % signed-rank interval of the ratio; `undefined` below six rounds. */
  readonly low: number | undefined
  readonly high: number | undefined
  /** Two-sided signed-rank p, before any adjustment for a family. */
  readonly p: number
  readonly verdict: ComparisonVerdict
  /** Whether the 95 % interval excludes 1, margin or not. */
  readonly differs: boolean
  /** The smallest ratio (≥ 1) that these rounds could have told from 1: see `detectableRatio`. */
  readonly detectable: number | undefined
  /** Rounds that have both values. */
  readonly rounds: number
  /** Rounds left out because one value is missing. */
  readonly roundsIncomplete: number
  /** Rounds with exactly equal values: they count for the interval, not for p. */
  readonly roundsEqual: number
  /** Relative, as given: 0.05 is "within 5 % is no difference". */
  readonly margin: number
  /** One sentence: why the verdict is what it is. */
  readonly reason: string
}

export type PairedQuestion = {
  readonly pairs: readonly RoundPair[]
  /** Relative and > 0; the band is 1 / (1 + margin) to 1 + margin, the same from either side. */
  readonly margin: number
  readonly better: 'lower' | 'higher'
}

/** Margins of METHOD.md by kind of figure: what is too small to matter on any machine. */
export const margins = {
  throughput: 0.05,
  cpu: 0.05,
  p50: 0.05,
  p99: 0.1,
  p999: 0.2,
} as const

/**
 * Compares b with a over rounds that ran both. The unit is the run; the effect is a ratio.
 * A value of zero or less has no ratio: such a comparison stays undecided and says so, because
 * leaving the round out would choose the data by its outcome.
 *
 * Source: METHOD.md, "Comparing two subjects"; Hodges and Lehmann 1963; Schuirmann 1987 (TOST).
 */
export function comparePaired({ pairs, margin, better }: PairedQuestion): PairedComparison {
  assert(margin > 0 && Number.isFinite(margin), `a margin is a positive ratio: ${margin}`)
  const complete = pairs.filter(isComplete)
  const roundsIncomplete = pairs.length - complete.length
  const base = { rounds: complete.length, roundsIncomplete, margin }
  if (complete.length === 0) return nothing(base, 'no round has both values')
  const impossible = complete.filter(
    ({ a, b }) => !(a > 0 && b > 0 && a < Infinity && b < Infinity),
  )
  if (impossible.length > 0) {
    return nothing(base, `${impossible.length} rounds have a value without a ratio (zero or less)`)
  }
  const logRatios = complete.map(({ a, b }) => Math.log(b) - Math.log(a))
  const wide = signedRankInterval(logRatios, 0.95)
  const narrow = signedRankInterval(logRatios, 0.9)
  const test = signedRankTest(logRatios)
  const enough = complete.length >= ROUNDS_MIN
  const differs = wide.low > 0 || wide.high < 0
  const { verdict, reason } = enough
    ? judge(wide, narrow, Math.log1p(margin), better)
    : { verdict: 'undecided' as const, reason: `${complete.length} rounds; ${ROUNDS_MIN} needed` }
  return {
    ...base,
    estimate: Math.exp(hodgesLehmann(logRatios)),
    low: enough ? Math.exp(wide.low) : undefined,
    high: enough ? Math.exp(wide.high) : undefined,
    p: test.p,
    verdict,
    differs,
    detectable: detectableRatio(logRatios),
    roundsEqual: test.zerosDropped,
    reason,
  }
}

/** A comparison within a family of comparisons that were declared together. */
export type AdjustedComparison = PairedComparison & {
  readonly pAdjusted: number
  readonly familySize: number
}

/**
 * Holm over a family declared in advance: a difference whose adjusted p exceeds 0.05 becomes
 * undecided. Equivalence stands, because many chances to be found equal do not make a false
 * difference.
 */
export const adjustFamily = (
  comparisons: readonly PairedComparison[],
): readonly AdjustedComparison[] => adjustBy(holm, comparisons)

/**
 * The same by Benjamini and Hochberg, over comparisons that nobody declared: of the differences
 * that are left, one in twenty is expected to be none.
 */
export const exploreFamily = (
  comparisons: readonly PairedComparison[],
): readonly AdjustedComparison[] => adjustBy(benjaminiHochberg, comparisons)

function adjustBy(
  adjust: (pValues: readonly number[]) => readonly number[],
  comparisons: readonly PairedComparison[],
): readonly AdjustedComparison[] {
  const adjusted = adjust(comparisons.map((comparison) => comparison.p))
  const familySize = comparisons.length
  return comparisons.map((comparison, at) => {
    const pAdjusted = adjusted[at] as number
    const isDifference = comparison.verdict === 'better' || comparison.verdict === 'worse'
    if (!isDifference || pAdjusted <= 0.05) return { ...comparison, pAdjusted, familySize }
    const chance = `one of ${familySize} comparisons could do so by chance`
    const reason = `${comparison.reason}, but ${chance}`
    return { ...comparison, verdict: 'undecided', pAdjusted, familySize, reason }
  })
}

type Bounds = { readonly low: number; readonly high: number }

function judge(
  wide: Bounds,
  narrow: Bounds,
  logMargin: number,
  better: 'lower' | 'higher',
): { readonly verdict: ComparisonVerdict; readonly reason: string } {
  if (wide.low > logMargin) {
    const verdict = better === 'higher' ? 'better' : 'worse'
    return { verdict, reason: 'the 95 % interval lies above the margin' }
  }
  if (wide.high < -logMargin) {
    const verdict = better === 'lower' ? 'better' : 'worse'
    return { verdict, reason: 'the 95 % interval lies below the margin' }
  }
  if (narrow.low > -logMargin && narrow.high < logMargin) {
    return { verdict: 'equivalent', reason: 'the 90 % interval lies within the margin' }
  }
  const differs = wide.low > 0 || wide.high < 0
  const reason = differs
    ? 'there is a difference, but not surely one beyond the margin'
    : 'the 95 % interval holds both no difference and one beyond the margin'
  return { verdict: 'undecided', reason }
}

function isComplete(pair: RoundPair): pair is { readonly a: number; readonly b: number } {
  return pair.a !== undefined && pair.b !== undefined
}

function nothing(
  base: Pick<PairedComparison, 'rounds' | 'roundsIncomplete' | 'margin'>,
  reason: string,
): PairedComparison {
  return {
    ...base,
    estimate: undefined,
    low: undefined,
    high: undefined,
    p: 1,
    verdict: 'undecided',
    differs: false,
    detectable: undefined,
    roundsEqual: 0,
    reason,
  }
}
