import type { RunFigures } from '../judgement/history/run-record.ts'

/** Figures that were computed anew, and whether the saved ones are the same. */
export function renderFigures(figures: {
  readonly run: string
  readonly recomputed: RunFigures
  readonly different: readonly string[]
}): string {
  const { run, recomputed, different } = figures
  const verdict =
    different.length === 0
      ? 'the saved figures are the same'
      : `the saved figures differ in: ${different.join(', ')}`
  return [
    `${run}, from histogram.hlog and counters.json: ${verdict}`,
    JSON.stringify(recomputed, undefined, 2),
  ].join('\n')
}
