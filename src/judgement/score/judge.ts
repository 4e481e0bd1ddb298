import { type Fraction, isLess, textHalfUp } from './exact.ts'
import type { Knowledge } from './knowledge.ts'
import type { Profile, Rubric } from './rubric.ts'
import type { CriterionScore } from './score-criterion.ts'

export type ReadinessVerdict = 'READY' | 'CONDITIONAL' | 'NOT READY'

export type GateResult = {
  readonly gate: string
  readonly title: string
  readonly outcome: 'held' | 'failed' | 'unknown'
  readonly effect: 'forbids' | 'limits'
  readonly explanation: string
  readonly claims: readonly string[]
}

export type Judgement = {
  readonly verdict: ReadinessVerdict
  /** What the verdict rests on: a gate, a floor, the coverage or the sum. */
  readonly boundBy: string
  /** Every reason against READY, the binding one first. */
  readonly reasons: readonly string[]
}

/** Totals as exact fractions of points in 0–10; shares of the profile's weight. */
export type Sums = {
  readonly total: Fraction | undefined
  readonly low: Fraction
  readonly high: Fraction
  readonly coverage: number
}

/** Below these shares of known weight nothing is called READY. */
const COVERAGE_MIN = 0.7
const HEAVY_COVERAGE_MIN = 0.6
/** Hundredths of a percent: from 20 % of the weight on a criterion is heavy. */
const HEAVY_WEIGHT = 2_000

export function judgeGates(
  rubric: Rubric,
  profile: Profile,
  knowledge: Knowledge,
): readonly GateResult[] {
  return profile.gates.flatMap(({ gate: id, effect }): readonly GateResult[] => {
    const gate = rubric.gates.find((one) => one.id === id)
    if (gate === undefined) return []
    const answer = knowledge.evaluate(gate.passes.expression)
    const claims = knowledge.claimsOf(gate.passes.expression)
    const base = { gate: id, title: gate.title, effect, claims }
    if (answer === true) return [{ ...base, outcome: 'held', explanation: gate.title }]
    if (answer === false) {
      return [{ ...base, outcome: 'failed', explanation: gate.failing }]
    }
    const missing = claims.filter((claim) => knowledge.rowOf(claim) === undefined)
    const explanation = `no fresh evidence for ${missing.join(', ')}`
    return [{ ...base, outcome: 'unknown', explanation }]
  })
}

/** Gates first, then floors, then coverage and the sum: the worst of them is the verdict. */
export function judge(
  profile: Profile,
  gates: readonly GateResult[],
  criteria: readonly CriterionScore[],
  sums: Sums,
): Judgement {
  const objections = [
    ...gates.flatMap(gateObjection),
    ...floorObjections(profile, criteria),
    ...sumObjection(profile, sums),
    ...coverageObjections(profile, criteria, sums),
  ]
  const [binding] = [...objections].sort((a, b) => rank[a.verdict] - rank[b.verdict])
  if (binding === undefined) return { verdict: 'READY', boundBy: 'sum', reasons: [] }
  const others = objections.filter((objection) => objection !== binding)
  return {
    verdict: binding.verdict,
    boundBy: binding.by,
    reasons: [binding, ...others].map(({ reason }) => reason),
  }
}

type Objection = {
  readonly verdict: Exclude<ReadinessVerdict, 'READY'>
  readonly by: string
  readonly reason: string
}

const rank: Readonly<Record<ReadinessVerdict, number>> = {
  'NOT READY': 0,
  CONDITIONAL: 1,
  READY: 2,
}

function gateObjection({
  gate,
  outcome,
  effect,
  title,
  explanation,
}: GateResult): readonly Objection[] {
  if (outcome === 'held') return []
  const by = `gate ${gate}`
  if (outcome === 'unknown') {
    return [{ verdict: 'CONDITIONAL', by, reason: `Not known whether: ${title} (${explanation}).` }]
  }
  return [{ verdict: effect === 'forbids' ? 'NOT READY' : 'CONDITIONAL', by, reason: explanation }]
}

function floorObjections(
  profile: Profile,
  criteria: readonly CriterionScore[],
): readonly Objection[] {
  return profile.floors.flatMap(({ criterion, tenths }): readonly Objection[] => {
    const found = criteria.find((one) => one.criterion === criterion)
    if (found?.score === undefined || found.score >= tenths) return []
    const by = `floor of ${criterion}`
    const reason = `${found.name} has ${points(found.score)}; ${points(tenths)} is the least.`
    if (found.high < tenths) return [{ verdict: 'NOT READY', by, reason }]
    const hope = `${reason} It could have ${points(found.high)} if all were known.`
    return [{ verdict: 'CONDITIONAL', by, reason: hope }]
  })
}

function sumObjection(profile: Profile, { total, low, high }: Sums): readonly Objection[] {
  const [ready, conditional] = [profile.readyTenths, profile.conditionalTenths].map((tenths) => ({
    above: tenths,
    below: 10,
  })) as [Fraction, Fraction]
  if (total === undefined) return []
  const text = textHalfUp(total, 2)
  if (isLess(high, conditional)) {
    const reason = `The sum of ${text} is below ${points(profile.conditionalTenths)}.`
    return [{ verdict: 'NOT READY', by: 'sum', reason }]
  }
  if (!isLess(low, ready)) return []
  const reason = isLess(total, ready)
    ? `The sum of ${text} is below ${points(profile.readyTenths)}.`
    : `The sum of ${text} could be ${textHalfUp(low, 2)} when all is known.`
  return [{ verdict: 'CONDITIONAL', by: 'sum', reason }]
}

function coverageObjections(
  profile: Profile,
  criteria: readonly CriterionScore[],
  { coverage }: Sums,
): readonly Objection[] {
  const percent = (ratio: number) => `${Math.round(ratio * 100)} %`
  const [least, heavyLeast] = [percent(COVERAGE_MIN), percent(HEAVY_COVERAGE_MIN)]
  const whole: readonly Objection[] =
    coverage >= COVERAGE_MIN
      ? []
      : [
          {
            verdict: 'CONDITIONAL',
            by: 'coverage',
            reason: `Only ${percent(coverage)} of the weight is known; ${least} is needed.`,
          },
        ]
  const heavy = criteria.filter(
    ({ criterion, known }) =>
      (profile.weights.get(criterion) ?? 0) >= HEAVY_WEIGHT && known / 10_000 < HEAVY_COVERAGE_MIN,
  )
  return [
    ...whole,
    ...heavy.map(({ criterion, name, known }) => ({
      verdict: 'CONDITIONAL' as const,
      by: `coverage of ${criterion}`,
      reason: `Only ${percent(known / 10_000)} of ${name} is known; ${heavyLeast} is needed.`,
    })),
  ]
}

const points = (tenths: number): string => (tenths / 10).toFixed(1)
