import type { Prng } from '../../base/prng.ts'

/**
 * Weights that sum to 1, drawn around `means` (which sum to 1): the larger `concentration`, the
 * nearer. A mean of 0 stays 0. `'any'` draws from all weightings alike.
 *
 * Source: a Dirichlet variable is independent gammas over their sum; Marsaglia and Tsang 2000.
 * A seed gives the same draws on one V8; the last digit of `Math.log` may differ on another.
 */
export function drawWeights(
  means: readonly number[],
  concentration: number | 'any',
  prng: Prng,
): readonly number[] {
  const shapes = means.map((mean) => (concentration === 'any' ? 1 : mean * concentration))
  const gammas = shapes.map((shape) => (shape === 0 ? 0 : drawGamma(shape, prng)))
  const total = gammas.reduce((sum, gamma) => sum + gamma, 0)
  return gammas.map((gamma) => gamma / total)
}

/** From `low` to `high`, most often near `mode`. */
export function drawTriangular(low: number, mode: number, high: number, prng: Prng): number {
  if (high <= low) return mode
  const ratio = prng.ratio()
  const turn = (mode - low) / (high - low)
  return ratio < turn
    ? low + Math.sqrt(ratio * (high - low) * (mode - low))
    : high - Math.sqrt((1 - ratio) * (high - low) * (high - mode))
}

function drawGamma(shape: number, prng: Prng): number {
  // Below 1 the method does not hold: draw one higher and scale down by a power.
  if (shape < 1) return drawGamma(shape + 1, prng) * positiveRatio(prng) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const normal = drawNormal(prng)
    const v = (1 + c * normal) ** 3
    if (v <= 0) continue
    const accept = 0.5 * normal * normal + d - d * v + d * Math.log(v)
    if (Math.log(positiveRatio(prng)) < accept) return d * v
  }
}

/** Box and Muller. */
function drawNormal(prng: Prng): number {
  return Math.sqrt(-2 * Math.log(positiveRatio(prng))) * Math.cos(2 * Math.PI * prng.ratio())
}

/** In (0, 1]: its logarithm exists. */
function positiveRatio(prng: Prng): number {
  return 1 - prng.ratio()
}
