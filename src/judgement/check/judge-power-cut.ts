import {
  type PowerCut,
  type PowerCutRecord,
  type PowerCutSums,
  powerCutScopes,
} from '../history/power-cut-record.ts'
import type { CheckResult, Verdict } from '../history/run-record.ts'
import { checks } from './findings.ts'

/** One cluster from its start until its cuts were done, it lost something, or it broke. */
export type PowerCutLife = {
  readonly cuts: readonly PowerCut[]
  /** What the judge of histories says of all that its clients saw. */
  readonly checks: readonly CheckResult[]
  /** Nodes that did not come back, or ended by themselves. */
  readonly broken: readonly string[]
  /** Why it cannot be said what was kept: no leader in time, or interrupted. */
  readonly undecided: readonly string[]
}

export type JudgedPowerCuts = Pick<
  PowerCutRecord,
  keyof PowerCutSums | 'inFlight' | 'scopes' | 'control' | 'checks' | 'verdict' | 'reasons'
>

/** Judges lives of a subject by those of its control, which has syncs switched off. */
export function judgePowerCuts(
  lives: readonly PowerCutLife[],
  controls: readonly PowerCutLife[],
  cutsAsked: number,
): JudgedPowerCuts {
  const cuts = lives.flatMap((life) => life.cuts)
  const control = sumsOf(controls.flatMap((life) => life.cuts))
  const sums = sumsOf(cuts)
  const results = worstOfEach(lives.map((life) => life.checks))
  const wrong = wrongs(lives, sums, results)
  const open = doubts(lives, cuts, control, cutsAsked, results)
  return {
    ...sums,
    inFlight: inFlightOf(cuts),
    scopes: powerCutScopes.map((scope) => ({
      scope,
      ...sumsOf(cuts.filter((cut) => cut.scope === scope)),
    })),
    control,
    checks: results,
    verdict: wrong.length > 0 ? 'invalid' : open.length > 0 ? 'unknown' : 'valid',
    reasons: [...wrong, ...open],
  }
}

function wrongs(
  lives: readonly PowerCutLife[],
  { lost, acked, losingCuts }: PowerCutSums,
  results: readonly CheckResult[],
): readonly string[] {
  const loss = `${lost} of ${acked} acknowledged batches were lost, in ${losingCuts} cuts`
  return [
    ...(lost > 0 ? [loss] : []),
    ...lives.flatMap(({ broken }) => broken),
    ...results.filter(({ verdict }) => verdict === 'invalid').map(shown),
  ]
}

function doubts(
  lives: readonly PowerCutLife[],
  cuts: readonly PowerCut[],
  control: PowerCutSums,
  cutsAsked: number,
  results: readonly CheckResult[],
): readonly string[] {
  const idle = cuts.filter(({ inFlight }) => inFlight === 0).length
  return [
    ...(control.lost === 0
      ? [`the control lost nothing in ${control.cuts} cuts, although its syncs were off`]
      : []),
    ...lives.flatMap(({ undecided }) => undecided),
    ...(cuts.length < cutsAsked ? [`${cuts.length} of ${cutsAsked} cuts were made`] : []),
    ...(idle > 0 ? [`${idle} cuts had no batch in flight`] : []),
    ...results.filter(({ verdict }) => verdict === 'unknown').map(shown),
  ]
}

const shown = ({ check, explanation }: CheckResult): string => `${check}: ${explanation}`

function sumsOf(cuts: readonly PowerCut[]): PowerCutSums {
  const sum = (of: (cut: PowerCut) => number): number =>
    cuts.reduce((total, cut) => total + of(cut), 0)
  return {
    cuts: cuts.length,
    acked: sum(({ acked }) => acked),
    lost: sum(({ lost }) => lost),
    losingCuts: sum(({ lost }) => (lost > 0 ? 1 : 0)),
  }
}

function inFlightOf(cuts: readonly PowerCut[]): PowerCutRecord['inFlight'] {
  const sorted = cuts.map(({ inFlight }) => inFlight).sort((a, b) => a - b)
  const at = (ratio: number): number => sorted[Math.floor(ratio * (sorted.length - 1))] ?? 0
  return { min: at(0), median: at(0.5), max: at(1) }
}

const severity: readonly Verdict[] = ['valid', 'unknown', 'invalid']

/** Of each check the worst result of all lives. */
function worstOfEach(lives: readonly (readonly CheckResult[])[]): readonly CheckResult[] {
  const worst = new Map<string, CheckResult>()
  for (const result of lives.flat()) {
    const known = worst.get(result.check)
    const isWorse =
      known === undefined || severity.indexOf(result.verdict) > severity.indexOf(known.verdict)
    if (isWorse) worst.set(result.check, result)
  }
  return Object.keys(checks).flatMap((check) => worst.get(check) ?? [])
}
