const LATEST_MAX = 1024

/** The median of the latest 1,024 of however many numbers. */
export class LatestValues {
  readonly #values = new Float64Array(LATEST_MAX)
  #count = 0

  add(value: number): void {
    this.#values[this.#count % LATEST_MAX] = value
    this.#count += 1
  }

  /** `undefined` while there is none. */
  get median(): number | undefined {
    const kept = Math.min(this.#count, LATEST_MAX)
    return this.#values.slice(0, kept).sort()[kept >> 1]
  }
}
