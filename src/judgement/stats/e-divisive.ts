import { assert } from '../../base/assert.ts'
import { studentAtMost } from './distributions.ts'

/** A figure's level changed between two values of its history. */
export type ChangePoint = {
  /** Index of the first value at the new level. */
  readonly at: number
  /** New level / old level, geometric means of the stretches beside it. */
  readonly ratio: number
  /** Welch's t-test between those stretches. */
  readonly p: number
}

export type ChangePointOptions = {
  /** Points with a larger p are dropped. */
  readonly pMax?: number
  /** Relative: smaller changes are dropped. */
  readonly changeMin?: number
}

const P_MAX = 0.001
const CHANGE_MIN = 0.05

/** A split is looked at when its p is below this many times the final limit, then tested again. */
const WEAKNESS = 10

/** Values on each side of a split: two have a variance of one degree of freedom, worth nothing. */
const SIDE_MIN = 3

/**
 * Where a history of positive values, oldest first, changed its level for good: energy distance
 * finds the splits, Welch's t-test confirms them, and points that stop being significant once
 * their neighbours are known are merged away. Deterministic. Takes O(n²) per split.
 *
 * Source: Matteson and James 2014 (E-divisive); Fleming and Kołaczkowski 2023 (Hunter, arXiv
 * 2301.03034) for the t-test and the two passes. Without Hunter's windows: a history here has
 * hundreds of values, not tens of thousands.
 */
export function changePoints(
  history: readonly number[],
  { pMax = P_MAX, changeMin = CHANGE_MIN }: ChangePointOptions = {},
): readonly ChangePoint[] {
  assert(
    history.every((value) => value > 0),
    'a history is of values above zero',
  )
  const logs = history.map(Math.log)
  const splits: number[] = []
  const pending = [{ start: 0, end: logs.length }]
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    const split = strongestSplit(logs, part.start, part.end)
    if (split === undefined) continue
    if (between(logs, part.start, split, part.end).p > pMax * WEAKNESS) continue
    splits.push(split)
    pending.push({ start: part.start, end: split }, { start: split, end: part.end })
  }
  return mergeWeak(
    logs,
    splits.sort((a, b) => a - b),
    { pMax, changeMin },
  )
}

function mergeWeak(
  logs: readonly number[],
  splits: readonly number[],
  limits: Required<ChangePointOptions>,
): readonly ChangePoint[] {
  const points = splits.map((at, index) => {
    const start = splits[index - 1] ?? 0
    return { at, ...between(logs, start, at, splits[index + 1] ?? logs.length) }
  })
  const isWeak = ({ p, ratio }: ChangePoint) =>
    p > limits.pMax || Math.abs(Math.log(ratio)) < Math.log1p(limits.changeMin)
  const weakest = points.filter(isWeak).sort((a, b) => b.p - a.p)[0]
  if (weakest === undefined) return points
  return mergeWeak(
    logs,
    splits.filter((at) => at !== weakest.at),
    limits,
  )
}

/** The split of [start, end) with the largest Q = nm / (n + m) · E, if both sides have values. */
function strongestSplit(logs: readonly number[], start: number, end: number): number | undefined {
  const size = end - start
  if (size < 2 * SIDE_MIN) return undefined
  // Distances within the left side, within the right side and across, moved value by value.
  let left = 0
  let right = 0
  let across = 0
  for (let one = start; one < end; one += 1) {
    for (let other = one + 1; other < end; other += 1) right += distance(logs, one, other)
  }
  let strongest: number | undefined
  let highest = 0
  for (let moved = start; moved < end - SIDE_MIN; moved += 1) {
    const toLeft = distancesTo(logs, moved, start, moved)
    const toRight = distancesTo(logs, moved, moved + 1, end)
    left += toLeft
    right -= toRight
    across += toRight - toLeft
    const n = moved + 1 - start
    const m = end - moved - 1
    if (n < SIDE_MIN) continue
    const within = (2 * left) / (n * (n - 1)) + (2 * right) / (m * (m - 1))
    const q = ((n * m) / (n + m)) * ((2 * across) / (n * m) - within)
    if (q > highest) {
      highest = q
      strongest = moved + 1
    }
  }
  return strongest
}

function distance(logs: readonly number[], one: number, other: number): number {
  return Math.abs((logs[one] as number) - (logs[other] as number))
}

function distancesTo(logs: readonly number[], from: number, start: number, end: number): number {
  let sum = 0
  for (let at = start; at < end; at += 1) sum += distance(logs, from, at)
  return sum
}

/** Welch's test of [start, split) against [split, end). */
function between(
  logs: readonly number[],
  start: number,
  split: number,
  end: number,
): { readonly ratio: number; readonly p: number } {
  const before = momentsOf(logs.slice(start, split))
  const after = momentsOf(logs.slice(split, end))
  const shift = after.mean - before.mean
  const beforeError = before.variance / before.count
  const afterError = after.variance / after.count
  const error = beforeError + afterError
  if (error === 0) return { ratio: Math.exp(shift), p: shift === 0 ? 1 : 0 }
  const freedom =
    error ** 2 / (beforeError ** 2 / (before.count - 1) + afterError ** 2 / (after.count - 1))
  const p = 2 * studentAtMost(-Math.abs(shift) / Math.sqrt(error), freedom)
  return { ratio: Math.exp(shift), p }
}

function momentsOf(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { count: values.length, mean, variance: squares / (values.length - 1) }
}
