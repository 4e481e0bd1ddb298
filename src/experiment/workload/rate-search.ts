/** Below this ratio of what failed to what held, the search is over. */
const PRECISION_RATIO = 1.05

/** However it goes; doubling to a million takes 20. */
const PROBES_MAX = 30

/**
 * Finds the highest rate that holds: doubles until one does not, then halves the interval between
 * the highest that held and the lowest that did not, until they are 5 % apart. It takes it that a
 * rate holds when a higher one did; a confirming run says how far that was true.
 */
export class RateSearch {
  readonly #firstPerSecond: number
  readonly #ratePerSecondMin: number
  readonly #ratePerSecondMax: number
  #held = 0
  #failed = Number.POSITIVE_INFINITY
  #probes = 0

  constructor(options: {
    readonly firstPerSecond: number
    /** When not even this holds, nothing does. */
    readonly ratePerSecondMin: number
    readonly ratePerSecondMax: number
  }) {
    this.#ratePerSecondMin = options.ratePerSecondMin
    this.#firstPerSecond = options.firstPerSecond
    this.#ratePerSecondMax = options.ratePerSecondMax
  }

  /** The next rate to try; undefined when the search is over. */
  next(): number | undefined {
    if (this.#probes >= PROBES_MAX || this.#isNarrow()) return undefined
    if (this.#failed === Number.POSITIVE_INFINITY) {
      const rate = this.#held === 0 ? this.#firstPerSecond : 2 * this.#held
      return Math.min(rate, this.#ratePerSecondMax)
    }
    return Math.max(this.#ratePerSecondMin, (this.#held + this.#failed) / 2)
  }

  /** What became of the rate that `next` named. */
  judged(ratePerSecond: number, held: boolean): void {
    this.#probes += 1
    if (held) this.#held = Math.max(this.#held, ratePerSecond)
    else this.#failed = Math.min(this.#failed, ratePerSecond)
  }

  /** The highest rate that held; undefined when none did. */
  get best(): number | undefined {
    return this.#held === 0 ? undefined : this.#held
  }

  #isNarrow(): boolean {
    if (this.#held >= this.#ratePerSecondMax || this.#failed <= this.#ratePerSecondMin) return true
    return this.#held > 0 && this.#failed / this.#held <= PRECISION_RATIO
  }
}
