import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'
import type { LatencySummary } from '../../judgement/history/run-record.ts'
import { carriesQuantile } from '../../judgement/stats/quantile.ts'

const MICROS_PER_MS = 1000

/** Microseconds, three digits, up to 35 minutes. */
export const emptyHistogram = (): Histogram =>
  build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2 ** 31,
    numberOfSignificantValueDigits: 3,
  })

/** HdrHistogram V2, compressed, base64: what every HdrHistogram library reads. */
export const encodeHistogram = (histogram: Histogram): string =>
  encodeIntoCompressedBase64(histogram)

/** Adds up the histograms of several runs. Percentiles are never averaged. */
export function mergeHistograms(encoded: readonly string[]): Histogram {
  const merged = emptyHistogram()
  for (const text of encoded) merged.add(decodeFromCompressedBase64(text, 32))
  return merged
}

/** Quantiles that fewer than ten samples lie beyond are left out. */
export function summaryOf(histogram: Histogram): LatencySummary {
  const count = histogram.totalCount
  const quantile = (ratio: number): number | undefined =>
    carriesQuantile(count, ratio)
      ? histogram.getValueAtPercentile(ratio * 100) / MICROS_PER_MS
      : undefined
  return {
    p50: quantile(0.5),
    p90: quantile(0.9),
    p99: quantile(0.99),
    p999: quantile(0.999),
    // Of its bucket, as every quantile: the exact one does not outlive the encoding, and p99 of
    // the same bucket would exceed it.
    max: count === 0 ? undefined : histogram.getValueAtPercentile(100) / MICROS_PER_MS,
    count,
  }
}
