import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Prng, prngFromSeed } from '../../base/prng.ts'
import { adjustFamily, comparePaired, exploreFamily, type RoundPair } from './compare-paired.ts'
import { detectableRatio } from './detectable.ts'

const question = { margin: 0.05, better: 'lower' as const }

describe('the verdict about b, measured against a', () => {
  test('is worse when more is worse and the interval lies above the margin', () => {
    const result = comparePaired({ ...question, pairs: ratios([1.2, 1.22, 1.19, 1.21, 1.2, 1.23]) })

    expect(result).toMatchObject({ verdict: 'worse', differs: true, rounds: 6, p: 0.03125 })
    // The eleventh of 21 Walsh averages is that of 1.19 and 1.23.
    expect(result.estimate).toBeCloseTo(Math.sqrt(1.19 * 1.23), 12)
    expect(result.low).toBeCloseTo(1.19, 9)
    expect(result.high).toBeCloseTo(1.23, 9)
  })

  test('is better for the same numbers when more is better', () => {
    const pairs = ratios([1.2, 1.22, 1.19, 1.21, 1.2, 1.23])
    expect(comparePaired({ pairs, margin: 0.05, better: 'higher' }).verdict).toBe('better')
  })

  test('is equivalent when the 90 % interval lies within the margin, though it may differ', () => {
    const pairs = ratios([1.01, 1.012, 1.009, 1.011, 1.01, 1.013])
    expect(comparePaired({ ...question, pairs })).toMatchObject({
      verdict: 'equivalent',
      differs: true,
    })
  })

  // Of six rounds the 90 % interval ends at the third largest Walsh average, the 95 % one at the
  // largest: 1.039 and 1.08 in the first case, 1.07 and 1.08 in the second.
  test('is equivalent by the 90 % interval, no wider and no narrower one', () => {
    const verdictOf = (values: readonly number[]) =>
      comparePaired({ ...question, pairs: ratios(values) }).verdict

    expect(verdictOf([1.08, 1, 1, 1, 1, 1])).toBe('equivalent')
    expect(verdictOf([1.08, 1.07, 1, 1, 1, 1])).toBe('undecided')
  })

  test('is undecided, and says that there is a difference, when only the margin is in doubt', () => {
    const pairs = ratios([1.02, 1.09, 1.04, 1.07, 1.03, 1.08])
    const result = comparePaired({ ...question, pairs })

    expect(result).toMatchObject({ verdict: 'undecided', differs: true })
    expect(result.reason).toContain('there is a difference')
  })

  test('is undecided below six rounds, with an estimate and no interval', () => {
    const result = comparePaired({ ...question, pairs: ratios([2, 2.1, 1.9, 2, 2.05]) })

    expect(result).toMatchObject({ verdict: 'undecided', low: undefined, detectable: undefined })
    expect(result.estimate).toBeCloseTo(2.0, 1)
    expect(result.reason).toBe('5 rounds; 6 needed')
  })
})

describe('what is left out', () => {
  test('rounds without both values are counted, not guessed', () => {
    const pairs: RoundPair[] = [...ratios([1.2, 1.2, 1.2, 1.2, 1.2, 1.2]), { a: 1, b: undefined }]
    const result = comparePaired({ ...question, pairs })
    expect(result).toMatchObject({ rounds: 6, roundsIncomplete: 1 })
  })

  test('equal rounds are counted and do not count for p', () => {
    const result = comparePaired({ ...question, pairs: ratios([1, 1, 1, 1, 1, 1]) })

    expect(result).toMatchObject({ roundsEqual: 6, p: 1, estimate: 1, verdict: 'equivalent' })
    expect(result.detectable).toBe(1)
  })

  test('a zero has no ratio: no verdict, rather than one from the other rounds', () => {
    const pairs = [...ratios([1.2, 1.2, 1.2, 1.2, 1.2, 1.2]), { a: 0, b: 3 }]
    const result = comparePaired({ ...question, pairs })

    expect(result).toMatchObject({ verdict: 'undecided', estimate: undefined })
    expect(result.reason).toBe('1 rounds have a value without a ratio (zero or less)')
  })

  test('no rounds at all is undecided', () => {
    expect(comparePaired({ ...question, pairs: [] }).reason).toBe('no round has both values')
  })
})

describe('laws', () => {
  const positive = fc.integer({ min: 1, max: 100_000 }).map((value) => value / 100)
  const rounds = fc.array(fc.record({ a: positive, b: positive }), { minLength: 6, maxLength: 14 })

  test('the unit of the figure changes nothing', () => {
    fc.assert(
      fc.property(rounds, positive, (pairs, factor) => {
        const scaled = pairs.map(({ a, b }) => ({ a: a * factor, b: b * factor }))
        const one = comparePaired({ ...question, pairs })
        const other = comparePaired({ ...question, pairs: scaled })
        expect(other.estimate).toBeCloseTo(one.estimate ?? 0, 6 - digits(one.estimate))
        expect(other.low).toBeCloseTo(one.low ?? 0, 6 - digits(one.low))
        expect(other.high).toBeCloseTo(one.high ?? 0, 6 - digits(one.high))
      }),
    )
  })

  test('swapping a and b gives the reciprocal interval and the mirrored verdict', () => {
    const mirror = {
      better: 'worse',
      worse: 'better',
      equivalent: 'equivalent',
      undecided: 'undecided',
    }
    fc.assert(
      fc.property(rounds, (pairs) => {
        const one = comparePaired({ ...question, pairs })
        const other = comparePaired({
          ...question,
          pairs: pairs.map(({ a, b }) => ({ a: b, b: a })),
        })
        expect((one.low ?? 0) * (other.high ?? 0)).toBeCloseTo(1, 9)
        expect((one.estimate ?? 0) * (other.estimate ?? 0)).toBeCloseTo(1, 9)
        expect(other.verdict).toBe(mirror[one.verdict])
        expect(other.p).toBeCloseTo(one.p, 12)
      }),
    )
  })

  test('the order of the rounds changes nothing', () => {
    fc.assert(
      fc.property(rounds, (pairs) => {
        const { detectable, ...one } = comparePaired({ ...question, pairs })
        const reversed = comparePaired({ ...question, pairs: [...pairs].reverse() })
        expect(reversed).toMatchObject(one)
        // A sum in another order rounds differently in its last digit.
        expect(Math.log(reversed.detectable ?? 0)).toBeCloseTo(Math.log(detectable ?? 0), 9)
      }),
    )
  })
})

/**
 * Noise as assumed in METHOD.md: machine drift that both share, sd 15 %, and 2 % per run, normal on
 * the log scale.
 */
const driftSd = 0.15
const runSd = 0.02
const standardRounds = 10

describe('known truths in simulated experiments at standard effort', () => {
  test('100 A/A experiments give at most 5 false differences', () => {
    const falseOnes = experiments(100, 1).filter(({ verdict }) => isDifference(verdict))
    expect(falseOnes.length).toBeLessThanOrEqual(5)
  })

  test('over 2,000 A/A experiments the 95 % interval excludes 1 in no more than 6 %', () => {
    // Exact rate for 10 rounds: 1 − 0.9512 = 4.9 %; 6 % is 2.3 standard errors above it.
    const excluding = experiments(2_000, 1).filter(({ differs }) => differs)
    expect(excluding.length).toBeLessThanOrEqual(120)
    expect(excluding.length).toBeGreaterThanOrEqual(60)
  })

  test('a rise of 5 % in CPU per record has an interval that excludes 1 in 95 % of them', () => {
    const found = experiments(500, 1.05).filter(({ low }) => (low ?? 0) > 1)
    expect(found.length).toBeGreaterThanOrEqual(475)
  })

  test('what is called detectable is found in four of five, within the doubt of its spread', () => {
    const logRatios = Array.from({ length: 10_000 }, gaussians(prngFromSeed(3)))
    const spread = logRatios.map((value) => value * runSd * Math.SQRT2)
    // With the spread known well, the formula's own part is tested: 10 rounds of that spread.
    const ratio = detectableRatio(evenly(spread, standardRounds)) ?? 0
    const found = experiments(1_000, ratio).filter(({ differs }) => differs)
    expect(found.length).toBeGreaterThan(740)
    expect(found.length).toBeLessThan(880)
  })
})

describe('a family of comparisons', () => {
  test('takes back a difference that many tries could give by chance', () => {
    const clear = comparePaired({ ...question, pairs: ratios([1.2, 1.22, 1.19, 1.21, 1.2, 1.23]) })
    const none = comparePaired({ ...question, pairs: ratios([1.1, 0.9, 1.2, 0.8, 1, 1.05]) })

    expect(adjustFamily([clear])[0]).toMatchObject({ verdict: 'worse', pAdjusted: 0.03125 })
    expect(adjustFamily([clear, none])[0]).toMatchObject({
      verdict: 'undecided',
      pAdjusted: 0.0625,
      familySize: 2,
    })
  })

  test('that nobody declared keeps what is rarer among them than one in twenty', () => {
    const clear = comparePaired({ ...question, pairs: ratios([1.2, 1.22, 1.19, 1.21, 1.2, 1.23]) })
    const none = comparePaired({ ...question, pairs: ratios([1.1, 0.9, 1.2, 0.8, 1, 1.05]) })

    const verdicts = (family: readonly (typeof clear)[]) =>
      exploreFamily(family).map(({ verdict }) => verdict)
    // Smallest p of six rounds: 0.03125. Of three clear ones with one none: 0.03125 · 4 / 3 = 0.042.
    expect(verdicts([clear, clear, clear, none])).toEqual(['worse', 'worse', 'worse', 'undecided'])
    expect(verdicts([clear, none])).toEqual(['undecided', 'undecided'])
  })
})

function ratios(values: readonly number[]): RoundPair[] {
  return values.map((value, at) => ({ a: 10 + at, b: (10 + at) * value }))
}

function digits(value: number | undefined): number {
  return Math.max(0, Math.ceil(Math.log10(value ?? 1)))
}

function isDifference(verdict: string): boolean {
  return verdict === 'better' || verdict === 'worse'
}

function experiments(count: number, ratio: number) {
  const next = gaussians(prngFromSeed(20_261_122))
  return Array.from({ length: count }, () => {
    const pairs = Array.from({ length: standardRounds }, () => {
      const drift = driftSd * next()
      return {
        a: 50 * Math.exp(drift + runSd * next()),
        b: 50 * ratio * Math.exp(drift + runSd * next()),
      }
    })
    return comparePaired({ ...question, pairs })
  })
}

/** Box and Muller. */
function gaussians(prng: Prng): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - prng.ratio())) * Math.cos(2 * Math.PI * prng.ratio())
}

/** `count` values with exactly the standard deviation of `values`: ±, so that their mean is 0. */
function evenly(values: readonly number[], count: number): number[] {
  const squares = values.reduce((sum, value) => sum + value * value, 0) / values.length
  const size = Math.sqrt((squares * (count - 1)) / count)
  return Array.from({ length: count }, (_, at) => (at % 2 === 0 ? size : -size))
}
