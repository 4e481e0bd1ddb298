/**
 * A metric of a workload that an experiment is to decide, declared before its first run. All others
 * are secondary: they show where to look, and how much they can say is adjusted apart.
 */
export type PrimaryMetric = {
  /** As the plan names the workload, variant included. */
  readonly workload: string
  /** Dotted path into a result, like `responseMs.p50`. */
  readonly metric: string
}

/** B against A in the same rounds: a ratio of 1.1 says that B's figure is 10 % higher. */
export type MetricComparison = {
  readonly workload: string
  readonly a: string
  readonly b: string
  /** Dotted path into a result, like `responseMs.p99`. */
  readonly metric: string
  /**
   * Whether the experiment was declared to decide this metric. A secondary one is exploratory: of
   * the differences that secondaries report, about one in twenty is none.
   */
  readonly role: 'primary' | 'secondary'
  readonly unit: 'ratio'
  /** Hodges–Lehmann estimate of B ÷ A over the rounds that both have. */
  readonly estimate: number | null
  /** Exact 95 % signed-rank interval, of this metric alone; `null` below six rounds. */
  readonly low: number | null
  readonly high: number | null
  /** Of B, against A. */
  readonly verdict: 'better' | 'worse' | 'equivalent' | 'undecided'
  /** Relative: what is smaller does not matter. */
  readonly margin: number
  /** By Holm over the primary metrics of this A and B, or Benjamini–Hochberg over the others. */
  readonly pAdjusted: number
  /** How many metrics of its role A and B are compared by. */
  readonly familySize: number
  /** The smallest ratio above 1 that these rounds could have told from 1. */
  readonly detectable: number | null
  /**
   * The same by the spread that this machine showed of a subject against itself under this
   * workload: the noise floor for as many rounds. `null` where none was measured.
   */
  readonly noise: number | null
  readonly rounds: number
  /** Rounds in which one side had no rankable run: dropped whole. */
  readonly roundsDropped: number
  readonly reason: string
}
