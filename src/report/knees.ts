import type { ExperimentDocument } from '../judgement/history/experiment-record.ts'
import { kneeOf } from '../judgement/stats/kneedle.ts'
import { quantity } from './quantity.ts'

/** Where p99 over the rate turns up, and how far the rounds agree about it. */
export type Knee = {
  readonly file: string
  readonly subject: string
  /** Of the merged figures; `undefined`: it never turns at these rates. */
  readonly ratePerSecond: number | undefined
  /** Of each round that has all rates; one entry per round. */
  readonly perRound: readonly (number | undefined)[]
}

/** A knee needs a bend between two ends. */
const RATES_MIN = 4

/** One for each subject and each file that sweeps the rate of an open loop. */
export function kneesOf(
  document: Pick<ExperimentDocument, 'workloads' | 'results'>,
): readonly Knee[] {
  const rated = document.workloads.filter(({ variant }) => variant?.['ratePerSecond'] !== undefined)
  const files = [...new Set(rated.map(({ file }) => file))]
  return files.flatMap((file) => {
    const names = new Map(
      rated
        .filter((one) => one.file === file)
        .map(({ name, variant }) => [name, Number(variant?.['ratePerSecond'])] as const),
    )
    const own = document.results.filter(({ workload }) => names.has(workload))
    const subjects = [...new Set(own.map(({ subject }) => subject))]
    return subjects.flatMap((subject) => {
      const rungs = own
        .filter((one) => one.subject === subject)
        .map((result) => ({ rate: names.get(result.workload) ?? 0, result }))
        .sort((one, other) => one.rate - other.rate)
      if (rungs.length < RATES_MIN) return []
      const rounds = [
        ...new Set(rungs.flatMap(({ result }) => result.perRun.map((run) => run.round))),
      ]
      const perRound = rounds.flatMap((round) => {
        const points = rungs.map(({ rate, result }) => ({
          rate,
          p99: result.perRun.find((run) => run.round === round)?.responseMs.p99 ?? null,
        }))
        return points.some(({ p99 }) => p99 === null) ? [] : [rateOfKnee(points)]
      })
      const merged = rungs.map(({ rate, result }) => ({ rate, p99: result.responseMs.p99 }))
      return [{ file, subject, ratePerSecond: rateOfKnee(merged), perRound }]
    })
  })
}

/** As people read it, doubt included. */
export function kneeSentence({ file, subject, ratePerSecond, perRound }: Knee): string {
  const what = `${file}: the p99 of ${subject}`
  const found = perRound.filter((rate) => rate !== undefined)
  const rounds =
    perRound.length === 0
      ? 'no round has a p99 at every rate'
      : found.length === 0
        ? `none of ${perRound.length} rounds shows a bend`
        : `${found.length} of ${perRound.length} rounds show one, at ` +
          `${quantity(Math.min(...found))}–${quantity(Math.max(...found))}/s`
  return ratePerSecond === undefined
    ? `${what} has no knee at these rates (${rounds}).`
    : `${what} turns up at about ${quantity(ratePerSecond)}/s (${rounds}); ` +
        'with so few rates that is a hint, and max-rate is the figure to act on.'
}

type RatePoint = { readonly rate: number; readonly p99: number | null }

function rateOfKnee(points: readonly RatePoint[]): number | undefined {
  const known = points.flatMap(({ rate, p99 }) => (p99 === null ? [] : [{ x: rate, y: p99 }]))
  const at = known.length < RATES_MIN ? undefined : kneeOf(known)
  return at === undefined ? undefined : known[at]?.x
}
