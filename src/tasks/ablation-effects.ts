import type {
  Ablation,
  AblationInteraction,
  AblationStep,
  PlannedAblation,
} from '../judgement/history/ablation.ts'
import type { ExperimentResult, PrimaryMetric } from '../judgement/history/experiment-record.ts'
import type { MetricComparison } from '../judgement/history/metric-comparison.ts'
import { comparePaired } from '../judgement/stats/compare-paired.ts'
import { type Compared, judgeTogether, valueInRound } from './compare-results.ts'
import { loopOfResult, type Metric, metricsOf } from './compared-metrics.ts'
import { subsetsOf } from './plan-ablation.ts'

/** A weighted sum of logarithms over points: its exponential is an effect, a ratio. */
type Contrast = readonly { readonly point: readonly string[]; readonly weight: number }[]

/** A contrast with the names of its two sides. */
type Effect = { readonly a: string; readonly b: string; readonly contrast: Contrast }

/**
 * What each choice buys, from the rounds of an experiment over the points of `plan`. The steps are
 * one family, as are the interactions: each primary metric counts once for each of them.
 */
export function ablationOf(
  plan: PlannedAblation,
  results: readonly ExperimentResult[],
  primary: readonly PrimaryMetric[],
): Ablation {
  const letters = plan.axes.map(({ axis }) => axis)
  const judge = (effects: readonly Effect[]) => judged(plan, results, primary, effects)
  const steps = plan.factorial ? averagedSteps(plan, letters) : stepsAtBothEnds(plan, letters)
  const interactions = plan.factorial
    ? averagedInteractions(plan, letters)
    : interactionsWithTheRest(plan, letters)
  const ofSteps = judge(steps.map(({ effect }) => effect))
  const ofInteractions = judge(interactions.map(({ effect }) => effect))
  const whole: Effect = { a: plan.from, b: plan.to, contrast: difference(letters, []) }
  const [total = []] = judge([whole])
  return {
    from: plan.from,
    to: plan.to,
    factorial: plan.factorial,
    points: plan.points,
    impossible: plan.impossible,
    steps: steps.map(({ step }, at) => ({ ...step, metrics: ofSteps[at] ?? [] })),
    interactions: interactions.map(({ axes }, at) => ({ axes, metrics: ofInteractions[at] ?? [] })),
    total,
  }
}

type PlannedStep = { readonly step: Omit<AblationStep, 'metrics'>; readonly effect: Effect }

function stepsAtBothEnds(plan: PlannedAblation, letters: readonly string[]): PlannedStep[] {
  return plan.axes.flatMap((axis) => {
    const alone = [axis.axis]
    const others = without(letters, axis.axis)
    const at = (end: 'from' | 'to', after: readonly string[], before: readonly string[]) => ({
      step: { ...axis, end },
      effect: named(plan, after, before),
    })
    return [at('from', alone, []), at('to', letters, others)].filter(({ effect }) =>
      isPossible(plan, effect.contrast),
    )
  })
}

function averagedSteps(plan: PlannedAblation, letters: readonly string[]): PlannedStep[] {
  return plan.axes.flatMap((axis) => {
    const parts = subsetsOf(without(letters, axis.axis))
      .map((others) => difference([...others, axis.axis], others))
      .filter((contrast) => isPossible(plan, contrast))
    if (parts.length === 0) return []
    const effect = { a: axis.from, b: axis.to, contrast: meanOf(parts) }
    return [{ step: { ...axis, end: 'all' as const }, effect }]
  })
}

type PlannedInteraction = Pick<AblationInteraction, 'axes'> & { readonly effect: Effect }

/** Does a choice buy as much at the one end as at the other? Of two choices, once. */
function interactionsWithTheRest(
  plan: PlannedAblation,
  letters: readonly string[],
): PlannedInteraction[] {
  if (letters.length < 2) return []
  const asked = letters.length === 2 ? letters.slice(0, 1) : letters
  return asked.flatMap((letter) => {
    const rest = without(letters, letter)
    const contrast = [...difference(letters, rest), ...negated(difference([letter], []))]
    if (!isPossible(plan, contrast)) return []
    const other = letters.length === 2 ? (rest[0] ?? 'rest') : 'rest'
    return [interactionOf(letter, other, contrast)]
  })
}

function averagedInteractions(
  plan: PlannedAblation,
  letters: readonly string[],
): PlannedInteraction[] {
  return letters.flatMap((one, at) =>
    letters.slice(at + 1).flatMap((other) => {
      const parts = subsetsOf(letters.filter((letter) => letter !== one && letter !== other))
        .map((rest) => [
          ...difference([...rest, one, other], [...rest, other]),
          ...negated(difference([...rest, one], rest)),
        ])
        .filter((contrast) => isPossible(plan, contrast))
      return parts.length === 0 ? [] : [interactionOf(one, other, meanOf(parts))]
    }),
  )
}

const interactionOf = (one: string, other: string, contrast: Contrast): PlannedInteraction => ({
  axes: [one, other],
  effect: { a: `${one} without ${other}`, b: `${one} with ${other}`, contrast },
})

/** One list for each effect; all of them judged as one family. */
function judged(
  plan: PlannedAblation,
  results: readonly ExperimentResult[],
  primary: readonly PrimaryMetric[],
  effects: readonly Effect[],
): readonly (readonly MetricComparison[])[] {
  const asked = effects.map((effect) => comparedBy(plan, results, effect))
  const rows = judgeTogether(asked.flat(), primary)
  let at = 0
  return asked.map(({ length }) => {
    at += length
    return rows.slice(at - length, at)
  })
}

function comparedBy(
  plan: PlannedAblation,
  results: readonly ExperimentResult[],
  { a, b, contrast }: Effect,
): readonly Compared[] {
  const workloads = [...new Map(results.map((result) => [result.workload, loopOfResult(result)]))]
  return workloads.flatMap(([workload, loop]) => {
    const cells = results.filter((result) => result.workload === workload)
    return metricsOf(loop).map((metric) => ({
      workload,
      a,
      b,
      metric,
      found: comparePaired({
        pairs: roundsOf(cells).map((round) => ({
          a: 1,
          b: effectIn(plan, cells, contrast, round, metric),
        })),
        margin: metric.margin,
        better: metric.better,
      }),
    }))
  })
}

/** A round in which a point has no rankable run is left out whole. */
function effectIn(
  plan: PlannedAblation,
  cells: readonly ExperimentResult[],
  contrast: Contrast,
  round: number,
  metric: Metric,
): number | undefined {
  let sum = 0
  for (const { point, weight } of contrast) {
    const cell = cells.find(({ subject }) => subject === subjectAt(plan, point))
    const value = cell === undefined ? undefined : valueInRound(cell, round, metric)
    if (value === undefined) return undefined
    sum += weight * Math.log(value)
  }
  return Math.exp(sum)
}

const roundsOf = (cells: readonly ExperimentResult[]): readonly number[] =>
  [...new Set(cells.flatMap(({ perRun }) => perRun.map(({ round }) => round)))].sort(
    (one, other) => one - other,
  )

function named(plan: PlannedAblation, after: readonly string[], before: readonly string[]): Effect {
  const nameOf = (point: readonly string[]) => subjectAt(plan, point) ?? 'impossible'
  return { a: nameOf(before), b: nameOf(after), contrast: difference(after, before) }
}

const difference = (after: readonly string[], before: readonly string[]): Contrast => [
  { point: after, weight: 1 },
  { point: before, weight: -1 },
]

const negated = (contrast: Contrast): Contrast =>
  contrast.map(({ point, weight }) => ({ point, weight: -weight }))

const meanOf = (contrasts: readonly Contrast[]): Contrast =>
  contrasts.flat().map(({ point, weight }) => ({ point, weight: weight / contrasts.length }))

const isPossible = (plan: PlannedAblation, contrast: Contrast): boolean =>
  contrast.every(({ point }) => subjectAt(plan, point) !== undefined)

const keyOf = (point: readonly string[]): string => [...point].sort().join()

const subjectAt = ({ points }: PlannedAblation, point: readonly string[]): string | undefined =>
  points.find(({ axes }) => keyOf(axes) === keyOf(point))?.subject

const without = (letters: readonly string[], letter: string): readonly string[] =>
  letters.filter((one) => one !== letter)
