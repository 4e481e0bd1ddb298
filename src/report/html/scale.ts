import { quantity } from '../quantity.ts'

/** Where values lie between the ends of an axis. */
export type Scale = {
  /** 0 at the axis' begin, 1 at its end; beyond where the value is. */
  at(value: number): number
  readonly ticks: readonly Tick[]
}

/** A minor one has no room on a phone. */
export type Tick = { readonly value: number; readonly label: string; readonly isMinor: boolean }

const TICKS_MAX = 6

/** From `low` to `high`, on round numbers when `nice`. */
export function linearScale(
  low: number,
  high: number,
  label: (value: number) => string = shortNumber,
): Scale {
  const step = roundStep((high - low || Math.abs(high) || 1) / (TICKS_MAX - 1))
  const first = Math.floor(low / step + 1e-9) * step
  const last = Math.max(first + step, Math.ceil(high / step - 1e-9) * step)
  const count = Math.round((last - first) / step)
  const ticks = Array.from({ length: count + 1 }, (_, at) => {
    const value = Number((first + at * step).toPrecision(12))
    return { value, label: label(value), isMinor: at % 2 === 1 }
  })
  return { at: (value) => (value - first) / (last - first), ticks }
}

/** Logarithmic from `low` to `high`, both above 0, ticks at powers of ten or 1–2–5. */
export function logScale(
  low: number,
  high: number,
  label: (value: number) => string = shortNumber,
): Scale {
  const [first, last] = [Math.log10(low), Math.log10(Math.max(high, low * 1.01))]
  const decades = last - first
  const steps = decades > 3 ? [1] : decades > 0.9 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9]
  const ticks: Tick[] = []
  for (let power = Math.floor(first); power <= Math.ceil(last); power += 1) {
    for (const step of steps) {
      const value = Number((step * 10 ** power).toPrecision(3))
      if (value < low * 0.999 || value > high * 1.001) continue
      ticks.push({ value, label: label(value), isMinor: step !== 1 && decades > 0.9 })
    }
  }
  return { at: (value) => (Math.log10(value) - first) / (last - first), ticks }
}

/** The next 1–2–5 below and above: where a logarithmic axis begins and ends. */
export function niceBounds(values: readonly number[]): { low: number; high: number } {
  const positive = values.filter((value) => value > 0)
  const [low, high] = [Math.min(...positive), Math.max(...positive)]
  return { low: steppedDown(low), high: steppedUp(high) }
}

const STEPS = [5, 2, 1]

function steppedDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const step = STEPS.find((one) => one * power <= value * (1 + 1e-9)) ?? 1
  return step * power
}

function steppedUp(value: number): number {
  const below = steppedDown(value)
  if (below >= value * (1 - 1e-9)) return below
  const power = 10 ** Math.floor(Math.log10(below * (1 + 1e-9)))
  const step = Math.round(below / power)
  return step === 1 ? 2 * power : step === 2 ? 5 * power : 10 * power
}

function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const digit = [1, 2, 2.5, 5, 10].find((one) => one * power >= step * (1 - 1e-9)) ?? 10
  return digit * power
}

/** As short as an axis wants it: `0.5`, `20`, `3k`, `1.5M`. */
export function shortNumber(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude >= 1e6) return `${trimmed(value / 1e6)}M`
  if (magnitude >= 10_000 || (magnitude >= 1_000 && value % 100 === 0)) {
    return `${trimmed(value / 1_000)}k`
  }
  return trimmed(value)
}

const trimmed = (value: number): string => Number(value.toPrecision(4)).toString()

/** Milliseconds with the unit that makes them readable: `50 µs`, `1.4 s`. */
export function durationLabel(ms: number): string {
  if (ms >= 1_000) return `${trimmed(Number((ms / 1_000).toPrecision(3)))} s`
  if (ms >= 1) return `${trimmed(Number(ms.toPrecision(3)))} ms`
  return `${trimmed(Number((ms * 1_000).toPrecision(3)))} µs`
}

/** A value with its interval: `1.23 (1.10–1.40)`. */
export const withInterval = (
  value: number,
  interval: { readonly low: number; readonly high: number } | undefined,
): string =>
  interval === undefined
    ? quantity(value)
    : `${quantity(value)} (${quantity(interval.low)}–${quantity(interval.high)})`
