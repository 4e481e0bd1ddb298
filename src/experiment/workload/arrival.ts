import type { Arrival } from './workload.ts'

/** An arrival whose moments do not depend on the answers. */
export type OpenArrival = Exclude<Arrival, { readonly kind: 'closed' | 'search' }>

/** The highest rate that it ever has: what the generator must have room for. */
export function peakRateOf(arrival: OpenArrival): number {
  switch (arrival.kind) {
    case 'steps':
      return Math.max(...arrival.steps.map(({ ratePerSecond }) => ratePerSecond))
    case 'ramp':
      return Math.max(arrival.firstPerSecond, arrival.lastPerSecond)
    default:
      return arrival.ratePerSecond
  }
}

/**
 * When an arrival's operations are due, as seconds since it began: the moment by which `count` of
 * them are expected. Infinity for a count that it does not reach.
 *
 * Divisions and square roots only, which IEEE 754 defines to the last bit.
 */
export function momentsOf(arrival: OpenArrival, seconds: number): (count: number) => number {
  switch (arrival.kind) {
    case 'steps':
      return steppedMoments(arrival.steps)
    case 'ramp':
      return rampedMoments(arrival, seconds)
    default:
      return (count) => count / arrival.ratePerSecond
  }
}

type Steps = Extract<Arrival, { readonly kind: 'steps' }>['steps']

function steppedMoments(steps: Steps): (count: number) => number {
  let step = 0
  let stepCount = 0
  let stepSeconds = 0
  // Counts only ever rise, so the step is never behind.
  return (count) => {
    for (let now = steps[step]; now !== undefined; now = steps[step]) {
      const inStep = (count - stepCount) / now.ratePerSecond
      if (inStep < now.seconds) return stepSeconds + inStep
      stepCount += now.ratePerSecond * now.seconds
      stepSeconds += now.seconds
      step += 1
    }
    return Number.POSITIVE_INFINITY
  }
}

/** Solves first·t + (last − first)·t²/2T = count for t. */
function rampedMoments(
  { firstPerSecond, lastPerSecond }: Extract<Arrival, { readonly kind: 'ramp' }>,
  seconds: number,
): (count: number) => number {
  const slope = (lastPerSecond - firstPerSecond) / seconds
  if (slope === 0) return (count) => count / firstPerSecond
  return (count) => {
    const square = firstPerSecond * firstPerSecond + 2 * slope * count
    return square < 0
      ? Number.POSITIVE_INFINITY
      : (2 * count) / (firstPerSecond + Math.sqrt(square))
  }
}
