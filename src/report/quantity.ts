import { samplesNeeded } from '../judgement/stats/quantile.ts'

/** Three significant digits, without an exponent; thousands are grouped. */
export function quantity(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const magnitude = Math.abs(value)
  if (magnitude >= 1_000) return grouped(Math.round(value))
  if (magnitude >= 100) return value.toFixed(0)
  if (magnitude >= 10) return value.toFixed(1)
  return value.toFixed(2)
}

export const quantityOrNone = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'n/a' : quantity(value)

/** A quantile, or how many samples it would need. `ratio` is 0.999 for p99.9. */
export const quantileText = (value: number | null, ratio: number): string =>
  value === null ? `n/a (needs ${grouped(samplesNeeded(ratio))})` : quantity(value)

/** A duration for people: `45 s`, `3 min 05 s`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`
  return `${Math.floor(whole / 3_600)} h ${pad(Math.floor((whole % 3_600) / 60))} min`
}

const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',')

const pad = (value: number): string => String(value).padStart(2, '0')
