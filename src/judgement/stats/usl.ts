import { assert } from '../../base/assert.ts'

/** What a system gave at one concurrency: clients in a closed loop, groups or replicas. */
export type Load = { readonly concurrency: number; readonly perSecond: number }

export type ScalabilityFit = {
  /** Operations per second of one client alone. */
  readonly lambda: number
  /** Contention: the share of work that waits in line. */
  readonly sigma: number
  /** Coherency: the price of each pair agreeing. */
  readonly kappa: number
  /** Concurrency with the highest rate; `undefined` where kappa is 0 and the curve never falls. */
  readonly peakConcurrency: number | undefined
  /** No load lies past the peak, so kappa is only known to be no larger. */
  readonly kappaIsUpperBound: boolean
}

/** Three parameters need twice as many different loads to be worth printing. */
const LOADS_MIN = 6
const STEPS_MAX = 200
const DAMPING_START = 1e-3

/**
 * Fits X(N) = λN / (1 + σ(N − 1) + κN(N − 1)) by least squares on the relative error; `undefined`
 * below six different concurrencies. Never fit it over offered rates: N must be a concurrency.
 *
 * Source: Gunther, the Universal Scalability Law; Levenberg–Marquardt from the regression of
 * (N/C − 1)/(N − 1) = σ + κN.
 */
export function fitScalability(loads: readonly Load[]): ScalabilityFit | undefined {
  assert(
    loads.every(({ concurrency, perSecond }) => concurrency >= 1 && perSecond > 0),
    'a load has a concurrency of at least 1 and a rate above zero',
  )
  if (new Set(loads.map(({ concurrency }) => concurrency)).size < LOADS_MIN) return undefined
  let parameters = startOf(loads)
  let error = squaredError(loads, parameters)
  let damping = DAMPING_START
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const next = bounded(stepFrom(loads, parameters, damping))
    const nextError = squaredError(loads, next)
    const gained = error - nextError
    if (gained > 0) {
      parameters = next
      error = nextError
      damping /= 10
      if (gained < 1e-14 * (1 + error)) break
    } else damping *= 10
    if (damping > 1e12) break
  }
  const [lambda, sigma, kappa] = parameters
  const peakConcurrency = kappa > 0 ? Math.sqrt((1 - sigma) / kappa) : undefined
  const highest = Math.max(...loads.map(({ concurrency }) => concurrency))
  const kappaIsUpperBound = peakConcurrency === undefined || highest <= peakConcurrency
  return { lambda, sigma, kappa, peakConcurrency, kappaIsUpperBound }
}

/** λ, σ, κ. */
type Parameters = readonly [number, number, number]

function rateAt([lambda, sigma, kappa]: Parameters, n: number): number {
  return (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1))
}

function squaredError(loads: readonly Load[], parameters: Parameters): number {
  return loads.reduce(
    (sum, { concurrency, perSecond }) =>
      sum + (1 - rateAt(parameters, concurrency) / perSecond) ** 2,
    0,
  )
}

function bounded([lambda, sigma, kappa]: Parameters): Parameters {
  const clamp = (value: number) => Math.min(1, Math.max(0, value))
  return [Math.max(lambda, Number.MIN_VALUE), clamp(sigma), clamp(kappa)]
}

function startOf(loads: readonly Load[]): Parameters {
  const lambda = Math.max(...loads.map(({ concurrency, perSecond }) => perSecond / concurrency))
  const points = loads
    .filter(({ concurrency }) => concurrency > 1)
    .map(({ concurrency: n, perSecond }) => ({ n, y: ((n * lambda) / perSecond - 1) / (n - 1) }))
  const meanN = points.reduce((sum, { n }) => sum + n, 0) / points.length
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length
  const product = points.reduce((sum, { n, y }) => sum + (n - meanN) * (y - meanY), 0)
  const spread = points.reduce((sum, { n }) => sum + (n - meanN) ** 2, 0)
  const kappa = product / spread
  return bounded([lambda, meanY - kappa * meanN, kappa])
}

/** One damped Gauss–Newton step: (JᵀJ + damping · diag) δ = Jᵀr. */
function stepFrom(loads: readonly Load[], parameters: Parameters, damping: number): Parameters {
  const [lambda, sigma, kappa] = parameters
  const matrix = [new Float64Array(4), new Float64Array(4), new Float64Array(4)]
  for (const { concurrency: n, perSecond } of loads) {
    const below = 1 + sigma * (n - 1) + kappa * n * (n - 1)
    const share = (lambda * n) / below / perSecond
    const slopes = [share / lambda, (-share * (n - 1)) / below, (-share * n * (n - 1)) / below]
    for (const [row, slope] of slopes.entries()) {
      const target = matrix[row] as Float64Array
      for (const [column, other] of slopes.entries()) add(target, column, slope * other)
      add(target, 3, slope * (1 - share))
    }
  }
  for (const [row, values] of matrix.entries()) {
    add(values, row, damping * (values[row] as number) + Number.MIN_VALUE)
  }
  const [toLambda, toSigma, toKappa] = solve(matrix)
  return [lambda + toLambda, sigma + toSigma, kappa + toKappa]
}

function add(values: Float64Array, at: number, amount: number): void {
  values[at] = (values[at] as number) + amount
}

/** Gauss elimination with pivoting of a 3 × 4 system; a singular one moves nothing. */
function solve(rows: Float64Array[]): Parameters {
  for (let column = 0; column < 3; column += 1) {
    const below = rows.slice(column)
    const pivot = below.reduce((best, row) =>
      Math.abs(row[column] as number) > Math.abs(best[column] as number) ? row : best,
    )
    if (pivot[column] === 0) return [0, 0, 0]
    rows.splice(rows.indexOf(pivot), 1)
    rows.splice(column, 0, pivot)
    for (const row of rows) {
      if (row === pivot) continue
      const factor = (row[column] as number) / (pivot[column] as number)
      for (let at = column; at < 4; at += 1) add(row, at, -factor * (pivot[at] as number))
    }
  }
  const [first, second, third] = rows.map((row, at) => (row[3] as number) / (row[at] as number))
  return [first ?? 0, second ?? 0, third ?? 0]
}
