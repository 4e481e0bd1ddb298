/**
 * How much a subject differs from itself on one machine, from rounds that ran it under two names:
 * what `results/calibrations/noise.json` holds.
 */
export type NoiseFloor = {
  readonly schema: 'raftmark/noise/1'
  /** The A/A experiment. */
  readonly experiment: string
  readonly takenAt: string
  /** What makes a machine another one: a floor is of one machine alone. */
  readonly machine: string
  readonly harnessHash: string | null
  readonly spreads: readonly NoiseSpread[]
}

export type NoiseSpread = {
  readonly workload: string
  readonly metric: string
  /** Standard deviation of the rounds' log ratios. */
  readonly spread: number
  readonly rounds: number
}
